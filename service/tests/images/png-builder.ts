/** A small PNG encoder for tests: any colour type, depth, interlacing and filter, and any mistake. */
import { crc32, deflateSync } from 'node:zlib';

export const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  readonly interlaced?: boolean;
  /** Filter of each row, in turn. */
  readonly filters?: readonly number[];
  /** Samples, row by row, pixel by pixel, each below 2 ** bitDepth. */
  readonly samples: ArrayLike<number>;
  /** RGB triples. */
  readonly palette?: readonly (readonly [number, number, number])[];
  readonly transparency?: Buffer;
}

export const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

export function chunk(type: string, data: Uint8Array = Buffer.alloc(0), crc?: number): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), body, u32(crc ?? crc32(body))]);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function png(...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks]);
}

export function ihdr(picture: Picture): Buffer {
  const { width, height, bitDepth, colourType, interlaced } = picture;
  const rest = [bitDepth, colourType, 0, 0, interlaced ? 1 : 0];
  return chunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.from(rest)]));
}

/** PLTE and tRNS, where the picture has them. */
export function colours({ palette, transparency }: Picture): Buffer[] {
  return [
    ...(palette ? [chunk('PLTE', Buffer.from(palette.flat()))] : []),
    ...(transparency ? [chunk('tRNS', transparency)] : [])
  ];
}

export function idat(picture: Picture): Buffer {
  return chunk('IDAT', deflateSync(scanlines(picture)));
}

export const IEND = chunk('IEND');

/** The picture as a PNG with nothing wrong, `extra` chunks right behind the header. */
export function encode(picture: Picture, ...extra: readonly Buffer[]): Buffer {
  return png(ihdr(picture), ...extra, ...colours(picture), idat(picture), IEND);
}

/** The filtered rows that IDAT compresses. */
export function scanlines(picture: Picture): Buffer {
  const passes = picture.interlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2]
      ]
    : [[0, 0, 1, 1]];
  const rows: Buffer[] = [];
  for (const [left = 0, top = 0, right = 1, down = 1] of passes) {
    let above: Buffer | undefined;
    for (let y = top; y < picture.height && left < picture.width; y += down) {
      const row = packRow(picture, y, left, right);
      rows.push(filterRow(picture, rows.length, row, above ?? Buffer.alloc(row.length)));
      above = row;
    }
  }
  return Buffer.concat(rows);
}

function packRow(picture: Picture, y: number, left: number, step: number): Buffer {
  const { width, bitDepth, colourType, samples } = picture;
  const channels = SAMPLES[colourType];
  const columns = Math.ceil((width - left) / step);
  const row = Buffer.alloc(Math.ceil((columns * channels * bitDepth) / 8));
  let bit = 0;
  for (let x = left; x < width; x += step) {
    for (let c = 0; c < channels; c += 1, bit += bitDepth) {
      const value = samples[(y * width + x) * channels + c] ?? 0;
      if (bitDepth === 16) {
        row.writeUInt16BE(value, bit / 8);
      } else {
        row[bit >> 3] = (row[bit >> 3] ?? 0) | (value << (8 - bitDepth - (bit & 7)));
      }
    }
  }
  return row;
}

function filterRow(picture: Picture, index: number, row: Buffer, above: Buffer): Buffer {
  const { filters = [0], bitDepth, colourType } = picture;
  const filter = filters[index % filters.length] ?? 0;
  const step = Math.max(1, (SAMPLES[colourType] * bitDepth) / 8);
  const filtered = row.map((byte, i) => {
    const a = i < step ? 0 : (row[i - step] ?? 0);
    const b = above[i] ?? 0;
    const c = i < step ? 0 : (above[i - step] ?? 0);
    return byte - ([0, a, b, (a + b) >> 1, paeth(a, b, c)][filter] ?? 0);
  });
  return Buffer.concat([Buffer.from([filter]), filtered]);
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** The picture as every viewer should show it: RGBA, 8 bits, row by row. */
export function rgba(picture: Picture): Buffer {
  const { width, height, bitDepth, colourType, samples, palette, transparency } = picture;
  const channels = SAMPLES[colourType];
  const scale = 255 / (2 ** bitDepth - 1);
  const pixels: number[] = [];
  for (let i = 0; i < width * height; i += 1) {
    const s = Array.from({ length: channels }, (_, c) => samples[i * channels + c] ?? 0);
    const v = s.map(value => Math.round(value * scale));
    const [first = 0, second = 0, third = 0, fourth = 0] = v;
    // Colour types 0 and 2 name one colour that is transparent.
    const key =
      colourType < 3 &&
      transparency &&
      s.every((value, c) => transparency.readUInt16BE(2 * c) === value);
    switch (colourType) {
      case 0:
        pixels.push(first, first, first, key ? 0 : 255);
        break;
      case 2:
        pixels.push(first, second, third, key ? 0 : 255);
        break;
      case 3: {
        const index = s[0] ?? 0;
        pixels.push(...(palette?.[index] ?? [0, 0, 0]), transparency?.[index] ?? 255);
        break;
      }
      case 4:
        pixels.push(first, first, first, second);
        break;
      case 6:
        pixels.push(first, second, third, fourth);
    }
  }
  return Buffer.from(pixels);
}

/** A picture with the same pseudo-random samples each time. */
export function picture(
  shape: Omit<Picture, 'samples' | 'palette' | 'transparency'> & { transparent?: boolean },
  seed = 1
): Picture {
  const { width, height, colourType, bitDepth, transparent } = shape;
  const random = generator(seed);
  const max = 2 ** bitDepth;
  const samples = Array.from({ length: width * height * SAMPLES[colourType] }, () =>
    Math.floor(random() * max)
  );
  if (colourType === 3) {
    const byte = (): number => Math.floor(random() * 256);
    const palette = Array.from({ length: max }, () => [byte(), byte(), byte()] as const);
    const transparency = Buffer.from(Array.from({ length: Math.ceil(max / 2) }, byte));
    return { ...shape, samples, palette, ...(transparent ? { transparency } : {}) };
  }
  if (transparent) {
    // The first pixel's colour, so that at least one pixel has it.
    const key = samples.slice(0, SAMPLES[colourType]).flatMap(v => [v >> 8, v & 255]);
    return { ...shape, samples, transparency: Buffer.from(key) };
  }
  return { ...shape, samples };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32, public domain). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export type Shape = Parameters<typeof picture>[0];

/** Every colour type with every bit depth of at most 8 that it allows, plain and interlaced, with and without tRNS. */
export function everyShape(width: number, height: number): Shape[] {
  const types = [
    [0, [1, 2, 4, 8]],
    [2, [8]],
    [3, [1, 2, 4, 8]],
    [4, [8]],
    [6, [8]]
  ] as const;
  return types.flatMap(([colourType, depths]) =>
    depths.flatMap(bitDepth =>
      [false, true].flatMap(interlaced =>
        (colourType < 4 ? [false, true] : [false]).map(transparent => ({
          width,
          height,
          colourType,
          bitDepth,
          interlaced,
          transparent,
          filters: [0, 1, 2, 3, 4]
        }))
      )
    )
  );
}

/** What a shape is, for the name of a test. */
export function name(shape: Shape): string {
  return [
    `${shape.width}×${shape.height}`,
    { 0: 'grey', 2: 'RGB', 3: 'palette', 4: 'grey+alpha', 6: 'RGBA' }[shape.colourType],
    `${shape.bitDepth} bit`,
    ...(shape.interlaced ? ['interlaced'] : []),
    ...(shape.transparent ? ['tRNS'] : [])
  ].join(' ');
}
