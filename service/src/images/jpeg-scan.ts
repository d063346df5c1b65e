import type { Component, Frame, HuffmanTable, ScanHeader } from './jpeg-frame.ts';
import { MARKER } from './jpeg-segments.ts';
import { refuse } from './reasons.ts';

/** The tables in force when a scan begins. */
export interface ScanTables {
  readonly dc: ReadonlyMap<number, HuffmanTable>;
  readonly ac: ReadonlyMap<number, HuffmanTable>;
  /** MCUs between restart markers; 0: no restarts. */
  readonly restartInterval: number;
}

/** One component, its tables in this scan, and what progressive scans have said of it so far. */
interface Plane {
  readonly component: Component;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
  /** Blocks in a row of the whole, padded plane. */
  readonly stride: number;
  /** Which coefficients are not zero, 64 a block; empty in a sequential frame. */
  readonly nonzero: Uint8Array;
}

/**
 * Follows the entropy code of every scan of a frame, symbol by symbol, so that each byte of a scan
 * is known to belong to a block of pixels. Decoders do not tell: libjpeg skips what follows the
 * last block of a baseline scan without a word, and so would publish it (ITU-T T.81, annexes F and G).
 */
export class ScanReader {
  readonly #frame: Frame;
  readonly #hMax: number;
  readonly #vMax: number;
  readonly #mcuColumns: number;
  readonly #mcuRows: number;
  readonly #nonzero = new Map<number, Uint8Array>();
  /** The bit at which each coefficient stands; -1 before its first scan. By component. */
  readonly #precision = new Map<number, Int8Array>();

  constructor(frame: Frame) {
    this.#frame = frame;
    this.#hMax = Math.max(...frame.components.map(({ h }) => h));
    this.#vMax = Math.max(...frame.components.map(({ v }) => v));
    this.#mcuColumns = Math.ceil(frame.width / (8 * this.#hMax));
    this.#mcuRows = Math.ceil(frame.height / (8 * this.#vMax));
    for (const { id, h, v } of frame.components) {
      const blocks = this.#mcuColumns * h * this.#mcuRows * v;
      this.#nonzero.set(id, new Uint8Array(frame.progressive ? blocks * 64 : 0));
      this.#precision.set(id, new Int8Array(64).fill(-1));
    }
  }

  /**
   * Reads one scan to its end.
   *
   * @throws Refused `bad_pixel_data`, `hidden_bytes`, `malformed`
   */
  read(header: ScanHeader, data: Buffer, tables: ScanTables): void {
    this.#advance(header);
    const planes = header.components.map(({ component, dcTable, acTable }) => ({
      component,
      dc: tables.dc.get(dcTable),
      ac: tables.ac.get(acTable),
      stride: this.#mcuColumns * component.h,
      nonzero: this.#nonzero.get(component.id) ?? new Uint8Array(0)
    }));
    const [only] = planes;
    const alone = planes.length === 1 && only ? only : undefined;
    const columns = alone ? this.#blocks(alone.component).columns : this.#mcuColumns;
    const rows = alone ? this.#blocks(alone.component).rows : this.#mcuRows;
    const mcus = columns * rows;
    const interval = tables.restartInterval || mcus;
    const parts = splitAtRestarts(data);
    if (parts.length !== Math.ceil(mcus / interval)) {
      refuse('bad_pixel_data', { rule: 'a scan has not as many restart markers as it announces' });
    }
    parts.forEach((part, i) => {
      const blocks = new BlockReader(part, header, this.#frame.progressive);
      for (let mcu = i * interval; mcu < Math.min(mcus, (i + 1) * interval); mcu += 1) {
        const column = mcu % columns;
        const row = (mcu - column) / columns;
        if (alone) {
          blocks.read(alone, row * alone.stride + column);
        } else {
          readMcu(blocks, planes, column, row);
        }
      }
      blocks.end();
    });
  }

  /** @throws Refused `bad_pixel_data` where a component never had a scan */
  end(): void {
    for (const precision of this.#precision.values()) {
      if (precision[0] === -1) {
        refuse('bad_pixel_data', { rule: 'a colour component has no pixels' });
      }
    }
  }

  /** Blocks of a component that is alone in its scan: those that hold pixels (T.81, A.2.2). */
  #blocks({ h, v }: Component): { columns: number; rows: number } {
    return {
      columns: Math.ceil(Math.ceil((this.#frame.width * h) / this.#hMax) / 8),
      rows: Math.ceil(Math.ceil((this.#frame.height * v) / this.#vMax) / 8)
    };
  }

  /** Each bit of a coefficient comes once, in order: what came twice would hide the first. */
  #advance({ components, from, to, high, low }: ScanHeader): void {
    for (const { component } of components) {
      const precision = this.#precision.get(component.id) ?? new Int8Array(64);
      if (from > 0 && precision[0] === -1) {
        refuse('malformed', { rule: 'the first scan of a component has its DC coefficients' });
      }
      for (let k = from; k <= to; k += 1) {
        if (precision[k] !== (high === 0 ? -1 : high)) {
          refuse('hidden_bytes', { where: 'pixels that later ones replace' });
        }
        precision[k] = low;
      }
    }
  }
}

function readMcu(blocks: BlockReader, planes: readonly Plane[], column: number, row: number): void {
  for (const plane of planes) {
    const { h, v } = plane.component;
    for (let y = 0; y < v; y += 1) {
      for (let x = 0; x < h; x += 1) {
        blocks.read(plane, (row * v + y) * plane.stride + column * h + x);
      }
    }
  }
}

/** The parts between restart markers, which count 0 to 7 and over again, without byte stuffing. */
function splitAtRestarts(data: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  const plain = Buffer.allocUnsafe(data.length);
  let from = 0;
  let to = 0;
  for (let i = 0; i < data.length; i += 1) {
    const byte = data[i] ?? 0;
    plain[to] = byte;
    to += 1;
    if (byte !== 0xff) {
      continue;
    }
    i += 1;
    const marker = data[i] ?? 0;
    if (marker === 0) {
      continue;
    }
    if (marker !== MARKER.RST0 + (parts.length & 7)) {
      refuse('bad_pixel_data', { rule: 'the restart markers are out of order' });
    }
    parts.push(plain.subarray(from, to - 1));
    from = to;
  }
  parts.push(plain.subarray(from, to));
  return parts;
}

/** Reads blocks from one part of a scan and knows where the bits end. */
class BlockReader {
  readonly #bytes: Buffer;
  readonly #from: number;
  readonly #to: number;
  readonly #kind: 'sequential' | 'dc' | 'dc_refine' | 'ac' | 'ac_refine';
  #at = 0;
  #bits = 0;
  #count = 0;
  /** Blocks still to come that have no more coefficients (T.81, G.1.2.2). */
  #endOfBandRun = 0;

  constructor(bytes: Buffer, { from, to, high }: ScanHeader, progressive: boolean) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    const kind = from === 0 ? 'dc' : 'ac';
    this.#kind = !progressive ? 'sequential' : high === 0 ? kind : `${kind}_refine`;
  }

  read(plane: Plane, block: number): void {
    switch (this.#kind) {
      case 'sequential':
        this.#skip(this.#symbol(plane.dc));
        this.#readSequential(plane.ac);
        return;
      case 'dc':
        this.#skip(this.#symbol(plane.dc));
        return;
      case 'dc_refine':
        this.#skip(1);
        return;
      case 'ac':
        this.#readBand(plane.ac, plane.nonzero, block * 64);
        return;
      case 'ac_refine':
        this.#refineBand(plane.ac, plane.nonzero, block * 64);
    }
  }

  /** @throws Refused where whole bytes are left: only the last byte is padded */
  end(): void {
    if (this.#at < this.#bytes.length || this.#count >= 8) {
      refuse('hidden_bytes', { where: 'bytes behind the last block of pixels' });
    }
  }

  #readSequential(table: HuffmanTable | undefined): void {
    let k = 1;
    while (k < 64) {
      const symbol = this.#symbol(table);
      const size = symbol & 15;
      if (size === 0 && symbol !== 0xf0) {
        return;
      }
      k += (symbol >> 4) + 1;
      this.#skip(size);
    }
    checkBlock(k - 1, 63);
  }

  #readBand(table: HuffmanTable | undefined, nonzero: Uint8Array, base: number): void {
    if (this.#endOfBandRun > 0) {
      this.#endOfBandRun -= 1;
      return;
    }
    let k = this.#from;
    while (k <= this.#to) {
      const symbol = this.#symbol(table);
      const run = symbol >> 4;
      const size = symbol & 15;
      if (size === 0 && run < 15) {
        this.#endOfBandRun = (1 << run) - 1 + this.#take(run);
        return;
      }
      k += run;
      if (size > 0) {
        checkBlock(k, this.#to);
        this.#skip(size);
        nonzero[base + k] = 1;
      }
      k += 1;
    }
    checkBlock(k - 1, this.#to);
  }

  #refineBand(table: HuffmanTable | undefined, nonzero: Uint8Array, base: number): void {
    let k = this.#from;
    while (this.#endOfBandRun === 0 && k <= this.#to) {
      const symbol = this.#symbol(table);
      const run = symbol >> 4;
      const size = symbol & 15;
      if (size === 0 && run < 15) {
        this.#endOfBandRun = (1 << run) + this.#take(run);
        break;
      }
      if (size > 1) {
        refuse('bad_pixel_data', { rule: 'a refinement has one bit' });
      }
      this.#skip(size);
      k = this.#passZeros(k, run, nonzero, base);
      if (size === 1) {
        checkBlock(k, this.#to);
        nonzero[base + k] = 1;
      }
      k += 1;
    }
    if (this.#endOfBandRun > 0) {
      this.#passZeros(k, 64, nonzero, base);
      this.#endOfBandRun -= 1;
    }
  }

  /** To the place behind `run` zeros, reading the correction bit of every other one on the way. */
  #passZeros(k: number, run: number, nonzero: Uint8Array, base: number): number {
    let zeros = run;
    for (; k <= this.#to; k += 1) {
      if (nonzero[base + k] === 1) {
        this.#skip(1);
      } else if (zeros === 0) {
        return k;
      } else {
        zeros -= 1;
      }
    }
    return k;
  }

  #symbol(table: HuffmanTable | undefined): number {
    if (table === undefined) {
      refuse('malformed', { rule: 'a scan uses Huffman tables that are there' });
    }
    this.#fill(16);
    // Past the end come zeros: a code that needs them is caught by #skip.
    const ahead =
      this.#count >= 16
        ? (this.#bits >>> (this.#count - 16)) & 0xffff
        : (this.#bits << (16 - this.#count)) & 0xffff;
    const entry = table[ahead] ?? 0;
    if (entry === 0) {
      refuse('bad_pixel_data', { rule: 'a code has no meaning' });
    }
    this.#skip(entry >> 8);
    return entry & 0xff;
  }

  #take(bits: number): number {
    this.#skip(bits);
    return (this.#bits >>> this.#count) & ((1 << bits) - 1);
  }

  #skip(bits: number): void {
    this.#fill(bits);
    if (this.#count < bits) {
      refuse('bad_pixel_data', { rule: 'the pixels end too early' });
    }
    this.#count -= bits;
  }

  /** Until at least `bits` (16 at most) wait in the low end of #bits, or the bytes are out. */
  #fill(bits: number): void {
    while (this.#count < bits && this.#at < this.#bytes.length) {
      this.#bits = (this.#bits << 8) | (this.#bytes[this.#at] ?? 0);
      this.#at += 1;
      this.#count += 8;
    }
  }
}

function checkBlock(last: number, to: number): void {
  if (last > to) {
    refuse('bad_pixel_data', { rule: 'a block has more coefficients than its scan' });
  }
}
