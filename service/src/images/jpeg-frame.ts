import { checkDimensions } from './limits.ts';
import type { ImageLimits } from './limits.ts';
import { hex, MARKER } from './jpeg-segments.ts';
import type { Segment } from './jpeg-segments.ts';
import { refuse } from './reasons.ts';

/** One colour component of the frame (ITU-T T.81, B.2.2). */
export interface Component {
  readonly id: number;
  /** Horizontal and vertical sampling, 1 to 4. */
  readonly h: number;
  readonly v: number;
  readonly quantisation: number;
}

export interface Frame {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
}

/** What an SOS header says (T.81, B.2.3). */
export interface ScanHeader {
  readonly components: readonly {
    readonly component: Component;
    readonly dcTable: number;
    readonly acTable: number;
  }[];
  /** First and last coefficient, in zigzag order. */
  readonly from: number;
  readonly to: number;
  /** Bits of the coefficients that earlier scans left open, and that this one leaves open. */
  readonly high: number;
  readonly low: number;
}

/** A Huffman table: by the next 16 bits, `length << 8 | symbol`; 0 where no code begins so. */
export type HuffmanTable = Uint16Array;

/**
 * The frame that a SOF segment announces.
 *
 * @throws Refused `unsupported_jpeg` (arithmetic, lossless, hierarchical), `more_than_8_bits`,
 *   `unsupported_colours`, `too_many_pixels`, `malformed`
 */
export function readFrame(segment: Segment, limits: ImageLimits): Frame {
  const { marker, data } = segment;
  if (marker > MARKER.SOF2) {
    refuse('unsupported_jpeg', { found: `of a rare kind (${hex(marker)})` });
  }
  const [precision, , , , , count] = data;
  if (precision === undefined || count === undefined || data.length !== 6 + 3 * count) {
    refuse('malformed', { rule: 'the frame header has three bytes for each component' });
  }
  if (precision !== 8) {
    refuse('more_than_8_bits', { bits: precision });
  }
  if (count !== 1 && count !== 3) {
    refuse('unsupported_colours', {
      found: count === 4 ? 'four components (CMYK)' : `${count} components`
    });
  }
  const height = data.readUInt16BE(1);
  const width = data.readUInt16BE(3);
  if (width === 0 || height === 0) {
    refuse('malformed', { rule: 'the frame header gives the width and the height' });
  }
  checkDimensions(width, height, limits);
  const components = Array.from({ length: count }, (_, i) => readComponent(data, 6 + 3 * i));
  if (new Set(components.map(component => component.id)).size !== count) {
    refuse('malformed', { rule: 'the components have names of their own' });
  }
  return { progressive: marker === MARKER.SOF2, width, height, components };
}

function readComponent(data: Buffer, at: number): Component {
  const id = data.readUInt8(at);
  const sampling = data.readUInt8(at + 1);
  const quantisation = data.readUInt8(at + 2);
  const h = sampling >> 4;
  const v = sampling & 15;
  if (h < 1 || h > 4 || v < 1 || v > 4 || quantisation > 3) {
    refuse('malformed', { rule: 'a component has a sampling of 1 to 4 and a table of 0 to 3' });
  }
  return { id, h, v, quantisation };
}

/** @throws Refused `malformed` */
export function readScanHeader(data: Buffer, frame: Frame): ScanHeader {
  const count = data[0];
  if (count === undefined || count < 1 || count > 4 || data.length !== 4 + 2 * count) {
    refuse('malformed', { rule: 'a scan header has two bytes for each of its components' });
  }
  const components = Array.from({ length: count }, (_, i) => {
    const id = data.readUInt8(1 + 2 * i);
    const tables = data.readUInt8(2 + 2 * i);
    const component = frame.components.find(known => known.id === id);
    if (!component || tables >> 4 > 3 || (tables & 15) > 3) {
      refuse('malformed', { rule: 'a scan names components of its frame and tables of 0 to 3' });
    }
    return { component, dcTable: tables >> 4, acTable: tables & 15 };
  });
  if (new Set(components.map(({ component }) => component.id)).size !== count) {
    refuse('malformed', { rule: 'a scan has each component once' });
  }
  const blocks = components.reduce((sum, { component: { h, v } }) => sum + h * v, 0);
  if (count > 1 && blocks > 10) {
    refuse('malformed', { rule: 'the components of a scan have at most ten blocks together' });
  }
  const from = data.readUInt8(1 + 2 * count);
  const to = data.readUInt8(2 + 2 * count);
  const bits = data.readUInt8(3 + 2 * count);
  const header = { components, from, to, high: bits >> 4, low: bits & 15 };
  if (!(frame.progressive ? isProgressive(header) : isSequential(header))) {
    refuse('malformed', { rule: 'a scan has coefficients in the range of its kind' });
  }
  return header;
}

function isSequential({ from, to, high, low }: ScanHeader): boolean {
  return from === 0 && to === 63 && high === 0 && low === 0;
}

/** T.81, G.1.1.1: DC alone, or AC of one component; refinements by one bit. */
function isProgressive({ components, from, to, high, low }: ScanHeader): boolean {
  const range = from === 0 ? to === 0 : to >= from && to <= 63 && components.length === 1;
  return range && low <= 13 && (high === 0 || low === high - 1);
}

/**
 * The quantisation tables of a DQT segment, by destination.
 *
 * @throws Refused `malformed`
 */
export function readQuantisation(data: Buffer): number[] {
  const destinations: number[] = [];
  let at = 0;
  while (at < data.length) {
    const head = data.readUInt8(at);
    at += 1 + (head >> 4 === 0 ? 64 : 128);
    if (head >> 4 > 1 || (head & 15) > 3 || at > data.length) {
      refuse('malformed', { rule: 'a quantisation table has 64 numbers of 8 or 16 bits' });
    }
    destinations.push(head & 15);
  }
  return destinations;
}

/**
 * The Huffman tables of a DHT segment.
 *
 * @throws Refused `malformed`
 */
export function readHuffman(
  data: Buffer
): { kind: 'dc' | 'ac'; destination: number; table: HuffmanTable }[] {
  const tables: { kind: 'dc' | 'ac'; destination: number; table: HuffmanTable }[] = [];
  let at = 0;
  while (at < data.length) {
    const head = data.readUInt8(at);
    const counts = data.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    at += 17;
    if (head >> 4 > 1 || (head & 15) > 3 || symbols > 256 || at + symbols > data.length) {
      refuse('malformed', { rule: 'a Huffman table has 16 counts and as many symbols' });
    }
    const kind = head >> 4 === 0 ? 'dc' : 'ac';
    const table = huffmanTable(counts, data.subarray(at, at + symbols), kind);
    tables.push({ kind, destination: head & 15, table });
    at += symbols;
  }
  return tables;
}

/** T.81, annex C: codes are handed out in order of their length. */
function huffmanTable(counts: Buffer, symbols: Buffer, kind: 'dc' | 'ac'): HuffmanTable {
  const table = new Uint16Array(65_536);
  let next = 0;
  let used = 0;
  for (let length = 1; length <= 16; length += 1) {
    const span = 1 << (16 - length);
    for (let i = counts[length - 1] ?? 0; i > 0; i -= 1) {
      const symbol = symbols[used] ?? 0;
      used += 1;
      // No code may consist of ones alone, which leaves the last place of the longest code free.
      if (next + span >= 65_536 || (kind === 'dc' && symbol > 15)) {
        refuse('malformed', { rule: 'the codes of a Huffman table have room and a meaning' });
      }
      table.fill((length << 8) | symbol, next, next + span);
      next += span;
    }
  }
  return table;
}
