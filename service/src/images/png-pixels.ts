import { inflateSync } from 'node:zlib';
import { refuse } from './reasons.ts';

/** What IHDR says (W3C PNG, 11.2.1), checked. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: 1 | 2 | 4 | 8;
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly interlaced: boolean;
}

/** One reduced image of an interlaced PNG, or the whole of another. */
interface Pass {
  readonly width: number;
  readonly height: number;
  /** Bytes of a row without its filter byte. */
  readonly rowBytes: number;
}

/** Samples a pixel by colour type. */
export const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** First column, first row, column step, row step of the seven passes (W3C PNG, 8.2). */
const ADAM7: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2]
];

/**
 * Checks that the compressed stream holds exactly the image that the header announces: one zlib
 * stream with a right Adler-32 that ends where IDAT ends, as many bytes as the rows need, a known
 * filter for each row, and no index beyond the palette.
 *
 * @param idat the data of all IDAT chunks, in order
 * @param paletteEntries how many colours PLTE has; null where the image has no palette
 * @throws Refused `bad_pixel_data`, `hidden_bytes`
 */
export function checkPixels(header: PngHeader, idat: Buffer, paletteEntries: number | null): void {
  const passes = passesOf(header);
  const expected = passes.reduce((sum, pass) => sum + pass.height * (1 + pass.rowBytes), 0);
  checkCompressedSize(idat.length, expected);
  const rows = inflateExactly(idat, expected);
  checkFilters(rows, passes);
  if (paletteEntries !== null && paletteEntries < 2 ** header.bitDepth) {
    checkIndices(rows, passes, header.bitDepth, paletteEntries);
  }
}

function passesOf(header: PngHeader): Pass[] {
  const bitsPerPixel = SAMPLES[header.colourType] * header.bitDepth;
  const pass = (width: number, height: number): Pass => ({
    width,
    height,
    rowBytes: Math.ceil((width * bitsPerPixel) / 8)
  });
  if (!header.interlaced) {
    return [pass(header.width, header.height)];
  }
  return ADAM7.map(([left, top, right, down]) =>
    pass(Math.ceil((header.width - left) / right), Math.ceil((header.height - top) / down))
  ).filter(({ width, height }) => width > 0 && height > 0);
}

/**
 * Deflate lets a stream hold any number of empty blocks, whose code tables can carry anything. An
 * honest encoder stores what it cannot compress, which adds next to nothing (zlib's own worst case,
 * `deflateBound`, is an eighth), so a stream longer than that was made to carry something else.
 */
function checkCompressedSize(compressed: number, expected: number): void {
  if (compressed > expected + Math.ceil(expected / 8) + 1024) {
    refuse('hidden_bytes', { where: 'the compressed data is longer than the pixels themselves' });
  }
}

function inflateExactly(idat: Buffer, expected: number): Buffer {
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    // One byte of room more than needed lets zlib end in a single step; one byte more of output
    // than needed stops it, so a bomb costs no more than the image it claims to be.
    // @types/node does not know `info`, which makes inflateSync return this object.
    result = inflateSync(idat, {
      info: true,
      chunkSize: Math.max(expected + 1, 64),
      maxOutputLength: expected
    }) as unknown as typeof result;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      refuse('hidden_bytes', { where: 'more pixel data than the header announces' });
    }
    refuse('bad_pixel_data', {
      rule:
        code === 'Z_BUF_ERROR'
          ? 'the compressed data ends too early'
          : 'the compressed data is damaged'
    });
  }
  if (result.engine.bytesWritten !== idat.length) {
    refuse('hidden_bytes', { where: 'bytes behind the compressed pixels inside IDAT' });
  }
  if (result.buffer.length !== expected) {
    refuse('bad_pixel_data', { rule: 'there are fewer pixels than the header announces' });
  }
  return result.buffer;
}

function checkFilters(rows: Buffer, passes: readonly Pass[]): void {
  let at = 0;
  for (const { height, rowBytes } of passes) {
    for (let y = 0; y < height; y += 1, at += 1 + rowBytes) {
      if ((rows[at] ?? 5) > 4) {
        refuse('bad_pixel_data', { rule: 'a row has an unknown filter' });
      }
    }
  }
}

/** Decoders differ in what they show for an index without a colour, so none is let through. */
function checkIndices(
  rows: Buffer,
  passes: readonly Pass[],
  bitDepth: number,
  entries: number
): void {
  const mask = 2 ** bitDepth - 1;
  let at = 0;
  for (const { width, height, rowBytes } of passes) {
    let previous: Buffer = Buffer.alloc(rowBytes);
    for (let y = 0; y < height; y += 1, at += 1 + rowBytes) {
      const row = rows.subarray(at + 1, at + 1 + rowBytes);
      unfilter(rows[at] ?? 0, row, previous);
      for (let x = 0, bit = 0; x < width; x += 1, bit += bitDepth) {
        const index = ((row[bit >> 3] ?? 0) >> (8 - bitDepth - (bit & 7))) & mask;
        if (index >= entries) {
          refuse('bad_pixel_data', { rule: 'a pixel has a colour that the palette does not have' });
        }
      }
      previous = row;
    }
  }
}

/** Undoes a row's filter in place, for pixels of one byte or less (W3C PNG, 9.2). */
function unfilter(filter: number, row: Buffer, above: Buffer): void {
  if (filter === 0) {
    return;
  }
  let left = 0;
  let aboveLeft = 0;
  for (let i = 0; i < row.length; i += 1) {
    const up = above[i] ?? 0;
    let predicted: number;
    switch (filter) {
      case 1:
        predicted = left;
        break;
      case 2:
        predicted = up;
        break;
      case 3:
        predicted = (left + up) >> 1;
        break;
      default:
        predicted = paeth(left, up, aboveLeft);
    }
    left = ((row[i] ?? 0) + predicted) & 0xff;
    row[i] = left;
    aboveLeft = up;
  }
}

function paeth(left: number, up: number, aboveLeft: number): number {
  const fromLeft = Math.abs(up - aboveLeft);
  const fromUp = Math.abs(left - aboveLeft);
  const fromCorner = Math.abs(left + up - 2 * aboveLeft);
  if (fromLeft <= fromUp && fromLeft <= fromCorner) {
    return left;
  }
  return fromUp <= fromCorner ? up : aboveLeft;
}
