import { refuse } from './reasons.ts';

/** The markers that are dealt with by name (ITU-T T.81, table B.1; JFIF; Adobe TN 5116). */
export const MARKER = {
  SOF0: 0xc0,
  SOF2: 0xc2,
  DHT: 0xc4,
  JPG: 0xc8,
  DAC: 0xcc,
  SOF15: 0xcf,
  RST0: 0xd0,
  RST7: 0xd7,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  DQT: 0xdb,
  DNL: 0xdc,
  DRI: 0xdd,
  DHP: 0xde,
  EXP: 0xdf,
  APP0: 0xe0,
  APP1: 0xe1,
  APP2: 0xe2,
  APP14: 0xee,
  APP15: 0xef,
  COM: 0xfe
} as const;

/** One marker segment: `FF`, the marker, two bytes of length, data; after SOS the scan as well. */
export interface Segment {
  readonly marker: number;
  /** Where its `FF` stands, behind any fill bytes. */
  readonly start: number;
  /** Where the next marker, or a fill byte ahead of it, begins. */
  readonly end: number;
  /** What its length counts, without the length. */
  readonly data: Buffer;
  /** The entropy-coded bytes behind an SOS header, stuffing and restart markers included. */
  readonly scan?: Buffer;
}

/** More than any encoder writes; keeps a hostile file's list short. */
const MOST_SEGMENTS = 2_000;

/**
 * The segments between SOI and EOI of a JPEG that ends where its EOI stands.
 *
 * @param bytes the whole file, which begins with SOI
 * @throws Refused `truncated`, `trailing_bytes`, `malformed`
 */
export function readSegments(bytes: Buffer): Segment[] {
  const segments: Segment[] = [];
  let at = 2;
  for (;;) {
    const start = skipFill(bytes, at);
    const marker = bytes[start + 1];
    if (marker === undefined) {
      refuse('truncated', { where: 'no EOI marker' });
    }
    if (marker === MARKER.EOI) {
      if (start + 2 < bytes.length) {
        refuse('trailing_bytes', { bytes: bytes.length - start - 2 });
      }
      return segments;
    }
    if (marker < MARKER.SOF0 || (marker >= MARKER.RST0 && marker <= MARKER.SOI)) {
      refuse('malformed', { rule: `marker ${hex(marker)} has no place here` });
    }
    if (segments.length === MOST_SEGMENTS) {
      refuse('malformed', { rule: `a JPEG has at most ${MOST_SEGMENTS} segments here` });
    }
    const segment = readSegment(bytes, start, marker);
    segments.push(segment);
    at = segment.end;
  }
}

/** A marker as documents write it: `FFC4`. */
export function hex(marker: number): string {
  return `FF${marker.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** From the first byte of a run of `FF` to its last, the one that belongs to the marker (B.1.1.2). */
function skipFill(bytes: Buffer, at: number): number {
  if (at >= bytes.length) {
    refuse('truncated', { where: 'no EOI marker' });
  }
  if (bytes[at] !== 0xff) {
    refuse('malformed', { rule: 'a segment begins with a marker' });
  }
  let start = at;
  while (bytes[start + 1] === 0xff) {
    start += 1;
  }
  return start;
}

function readSegment(bytes: Buffer, start: number, marker: number): Segment {
  const head = start + 4;
  if (head > bytes.length) {
    refuse('truncated', { where: `in segment ${hex(marker)}` });
  }
  const length = bytes.readUInt16BE(start + 2);
  if (length < 2) {
    refuse('malformed', { rule: `segment ${hex(marker)} has a length of at least two` });
  }
  const end = start + 2 + length;
  if (end > bytes.length) {
    refuse('truncated', { where: `in segment ${hex(marker)}` });
  }
  const data = bytes.subarray(head, end);
  if (marker !== MARKER.SOS) {
    return { marker, start, end, data };
  }
  const scanEnd = findScanEnd(bytes, end);
  return { marker, start, end: scanEnd, data, scan: bytes.subarray(end, scanEnd) };
}

/** The next `FF` that is neither stuffed (`FF00`) nor a restart marker. */
function findScanEnd(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1) {
    const next = bytes[at + 1];
    if (next !== 0 && !(next !== undefined && next >= MARKER.RST0 && next <= MARKER.RST7)) {
      return at;
    }
    at = bytes.indexOf(0xff, at + 2);
  }
  return refuse('truncated', { where: 'within the pixels' });
}
