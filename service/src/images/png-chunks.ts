import { crc32 } from 'node:zlib';
import { refuse } from './reasons.ts';

/** The eight bytes that open every PNG (W3C PNG, third edition, 5.2). */
export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** One chunk of a PNG whose length, name and CRC have been checked. */
export interface Chunk {
  /** Four ASCII letters. */
  readonly type: string;
  /** Where its length field begins in the file. */
  readonly start: number;
  /** Where the next chunk begins. */
  readonly end: number;
  /** Its data, a view into the file. */
  readonly data: Buffer;
}

/** More than any encoder writes within our limit of bytes; keeps a hostile file's list short. */
const MOST_CHUNKS = 20_000;

/** Length, name and CRC around the data of a chunk. */
const CHUNK_OVERHEAD = 12;

/**
 * Every chunk of the PNG, from IHDR to IEND, when the file holds exactly those: each with a name
 * of four letters and a right CRC, the first IHDR, the last an empty IEND, and nothing behind it.
 *
 * @param bytes the whole file, which begins with {@link PNG_SIGNATURE}
 * @throws Refused `truncated`, `trailing_bytes`, `bad_checksum`, `unknown_critical_chunk` (an Apple
 *   `CgBI` before IHDR), `malformed`
 */
export function readChunks(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  let start = PNG_SIGNATURE.length;
  for (;;) {
    if (start + CHUNK_OVERHEAD > bytes.length) {
      refuse('truncated', { where: 'no IEND chunk' });
    }
    const length = bytes.readUInt32BE(start);
    const type = chunkType(bytes, start + 4);
    if (chunks.length === 0 && type !== 'IHDR') {
      if (type === 'CgBI') {
        refuse('unknown_critical_chunk', { chunk: type });
      }
      refuse('malformed', { rule: 'a PNG begins with its header, IHDR' });
    }
    const end = start + CHUNK_OVERHEAD + length;
    if (end > bytes.length) {
      refuse('truncated', { where: `in chunk ${type}` });
    }
    if (crc32(bytes.subarray(start + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) {
      refuse('bad_checksum', { where: `chunk ${type}` });
    }
    chunks.push({ type, start, end, data: bytes.subarray(start + 8, end - 4) });
    if (type === 'IEND') {
      checkEnd(bytes, length, end);
      return chunks;
    }
    if (chunks.length === MOST_CHUNKS) {
      refuse('malformed', { rule: `a PNG has at most ${MOST_CHUNKS} chunks here` });
    }
    start = end;
  }
}

function checkEnd(bytes: Buffer, length: number, end: number): void {
  if (length !== 0) {
    refuse('hidden_bytes', { where: 'the IEND chunk, which must be empty' });
  }
  if (end < bytes.length) {
    refuse('trailing_bytes', { bytes: bytes.length - end });
  }
}

function chunkType(bytes: Buffer, at: number): string {
  for (let i = at; i < at + 4; i += 1) {
    const letter = (bytes[i] ?? 0) & 0xdf;
    if (letter < 0x41 || letter > 0x5a) {
      refuse('malformed', { rule: 'the name of a chunk is four letters' });
    }
  }
  return bytes.toString('latin1', at, at + 4);
}
