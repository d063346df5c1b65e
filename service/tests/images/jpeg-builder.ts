/** Takes JPEGs of a real encoder to pieces, and puts them together with what is wrong. */
import sharp from 'sharp';
import type { JpegOptions } from 'sharp';
import { generator } from './png-builder.ts';

/** A marker segment; behind an SOS also its scan. Without `FF`s for filling. */
export interface Piece {
  readonly marker: number;
  readonly bytes: Buffer;
}

const SOS = 0xda;
const EOI = 0xd9;

/** Pixels of a smooth picture with some noise, 3 bytes each. */
export function pixels(width: number, height: number): Buffer {
  const random = generator(7);
  return Buffer.from(
    Array.from({ length: width * height * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % width;
      const y = Math.floor(i / 3 / width);
      return Math.min(255, 3 * x + 2 * y + 20 * (i % 3) + Math.floor(random() * 40));
    })
  );
}

/** A JPEG as mozjpeg writes it. */
export async function encodeJpeg(
  options: JpegOptions & {
    readonly width?: number;
    readonly height?: number;
    readonly grey?: boolean;
  } = {}
): Promise<Buffer> {
  const { width = 61, height = 43, grey = false, ...jpeg } = options;
  const image = sharp(pixels(width, height), { raw: { width, height, channels: 3 } });
  // 'b-w' makes it one channel; greyscale() alone leaves three.
  return await (grey ? image.toColourspace('b-w') : image).jpeg(jpeg).toBuffer();
}

/** A segment with its marker and length. */
export function piece(marker: number, data: Uint8Array | string = ''): Piece {
  const body = Buffer.from(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  const head = Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]);
  return { marker, bytes: Buffer.concat([head, body]) };
}

/** The segments between SOI and EOI of a sound JPEG. */
export function take(jpeg: Buffer): Piece[] {
  const pieces: Piece[] = [];
  let at = 2;
  while (jpeg[at + 1] !== EOI) {
    const marker = jpeg[at + 1] ?? 0;
    let end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (marker === SOS) {
      while (jpeg[end] !== 0xff || isInScan(jpeg[end + 1])) {
        end += 1;
      }
    }
    pieces.push({ marker, bytes: jpeg.subarray(at, end) });
    at = end;
  }
  return pieces;
}

function isInScan(marker: number | undefined): boolean {
  return marker === 0 || (marker !== undefined && marker >= 0xd0 && marker <= 0xd7);
}

/** A JPEG of these segments. */
export function put(...pieces: readonly (Piece | Buffer)[]): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...pieces.map(p => (Buffer.isBuffer(p) ? p : p.bytes)),
    Buffer.from([0xff, EOI])
  ]);
}

/** The JPEG with other segments in the place of those with this marker. */
export function replace(
  jpeg: Buffer,
  marker: number,
  by: (old: Piece) => readonly Piece[]
): Buffer {
  return put(...take(jpeg).flatMap(p => (p.marker === marker ? by(p) : [p])));
}

/** The JPEG with a byte of the segments with this marker changed; `at` counts from the marker. */
export function patch(jpeg: Buffer, marker: number, at: number, value: number): Buffer {
  return replace(jpeg, marker, old => {
    const bytes = Buffer.from(old.bytes);
    bytes[at] = value;
    return [{ marker, bytes }];
  });
}

/** An Exif segment with only an orientation, in either byte order. */
export function exif(orientation: number, order: 'II' | 'MM' = 'MM'): Piece {
  const little = order === 'II';
  const tiff = Buffer.alloc(26);
  tiff.write(order, 'latin1');
  const u16 = (value: number, at: number): number =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  const u32 = (value: number, at: number): number =>
    little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at);
  u16(42, 2);
  u32(8, 4);
  u16(1, 8);
  u16(0x0112, 10);
  u16(3, 12);
  u32(1, 14);
  u16(orientation, 18);
  return piece(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff]));
}

export function jfif(...rest: readonly number[]): Piece {
  return piece(0xe0, Buffer.concat([Buffer.from('JFIF\0'), Buffer.from(rest)]));
}

/** JFIF 1.01 that says nothing more: what cleaning leaves of any. */
export const BARE_JFIF = jfif(1, 1, 0, 0, 1, 0, 1, 0, 0);

export function adobe(transform: number, flags = 0): Piece {
  const rest = Buffer.from([0, 100, 0, flags, 0, 0, transform]);
  return piece(0xee, Buffer.concat([Buffer.from('Adobe'), rest]));
}
