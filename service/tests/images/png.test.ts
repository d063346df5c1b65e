import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkImage } from '../../src/images/check.ts';
import type { CleanImage } from '../../src/images/check.ts';
import { decodeWithSharp } from './decode.ts';
import { BAD_PNGS, withPixels } from './bad-pngs.ts';
import * as build from './png-builder.ts';

const { chunk, colours, encode, idat, IEND, ihdr, picture, png, scanlines } = build;

const RGB = picture({ width: 9, height: 7, colourType: 2, bitDepth: 8 });
const INDEXED = picture({ width: 9, height: 7, colourType: 3, bitDepth: 4 });
const SRGB = chunk('sRGB', Buffer.from([0]));

async function clean(bytes: Buffer): Promise<CleanImage> {
  const result = await checkImage(bytes);
  if (!result.ok) {
    throw new Error(`${result.reason.type}: ${result.reason.msg}`, { cause: result.fault });
  }
  return result;
}

describe('a sound PNG is accepted as it is', () => {
  const shapes = [
    ...build.everyShape(9, 7),
    ...build.everyShape(1, 1),
    ...build.everyShape(33, 18),
    // Interlaced pictures so small that passes are empty.
    ...build.everyShape(2, 5),
    ...build.everyShape(4, 3)
  ];
  test.each(shapes.map(shape => [build.name(shape), shape] as const))('%s', async (_, shape) => {
    const source = picture(shape);
    const bytes = encode(source);
    const result = await clean(bytes);
    expect(result.clean).toBe(bytes);
    const { width, height, bitDepth } = shape;
    const channels = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }[shape.colourType] + Number(shape.transparent);
    expect(result).toMatchObject({ width, height, bitDepth, channels, dropped: [], warnings: [] });
    expect(await decodeWithSharp(bytes)).toEqual(build.rgba(source));
  });

  test.each([
    ['many IDAT chunks', splitIdat(RGB, 10)],
    ['an empty IDAT among them', png(ihdr(RGB), chunk('IDAT'), idat(RGB), chunk('IDAT'), IEND)],
    ['stored and not compressed', withPixels(RGB, deflateSync(scanlines(RGB), { level: 0 }))],
    ['sRGB', encode(RGB, SRGB)],
    ['gAMA that means sRGB', encode(RGB, chunk('gAMA', build.u32(45455)))]
  ])('%s', async (_, bytes) => {
    expect((await clean(bytes)).clean).toBe(bytes);
  });
});

describe('a PNG is cleaned of', () => {
  const plain = encode(RGB);
  test.each([
    ['tEXt', [chunk('tEXt', Buffer.from('Comment\0secret'))]],
    ['zTXt', [chunk('zTXt', Buffer.from('Comment\0\0secret'))]],
    ['iTXt', [chunk('iTXt', Buffer.from('XML:com.adobe.xmp\0secret'))]],
    ['tIME', [chunk('tIME', Buffer.from([7, 230, 1, 1, 0, 0, 0]))]],
    ['pHYs', [chunk('pHYs', Buffer.alloc(9, 1))]],
    ['bKGD', [chunk('bKGD', Buffer.alloc(6))]],
    ['sBIT', [chunk('sBIT', Buffer.alloc(3, 8))]],
    ['hIST', [chunk('hIST', Buffer.alloc(2))]],
    ['eXIf', [chunk('eXIf', Buffer.from('II*\0\x08\0\0\0\0\0', 'latin1'))]],
    ['prVt', [chunk('prVt', Buffer.from('secret'))]],
    ['sRGB', [chunk('sRGB', Buffer.from('secret'))]],
    ['sRGB', [chunk('sRGB', Buffer.from([4]))]],
    ['PLTE', [chunk('PLTE', Buffer.from('secret'))]]
  ])('%s', async (name, extra) => {
    const result = await clean(encode(RGB, ...extra));
    expect(result.clean).toEqual(plain);
    expect(result.dropped).toEqual([name]);
    expect(result.warnings).toEqual([]);
  });

  test.each([
    ['iCCP', chunk('iCCP', Buffer.from('profile\0\0secret'))],
    ['cICP', chunk('cICP', Buffer.from([9, 16, 0, 1]))],
    ['gAMA', chunk('gAMA', build.u32(100_000))],
    ['cHRM', chunk('cHRM', Buffer.alloc(32, 1))]
  ])('%s, and its PI is told that colours may change', async (name, extra) => {
    const result = await clean(encode(RGB, extra));
    expect(result.clean).toEqual(plain);
    expect(result.warnings.map(({ type }) => type)).toEqual(['colour_information_dropped']);
    expect(result.warnings[0]?.msg).toContain(name);
  });

  test('a gamma that sRGB overrules, without a word about colours', async () => {
    const result = await clean(encode(RGB, SRGB, chunk('gAMA', build.u32(100_000))));
    expect(result).toMatchObject({ dropped: ['gAMA'], warnings: [] });
    expect(result.clean).toEqual(encode(RGB, SRGB));
  });

  test('a second sRGB, and one that comes too late to be heeded', async () => {
    const late = png(ihdr(RGB), SRGB, SRGB, idat(RGB), SRGB, IEND);
    expect((await clean(late)).clean).toEqual(encode(RGB, SRGB));
  });

  test('chunks in every place at once', async () => {
    const text = chunk('tEXt', Buffer.from('a\0b'));
    const bytes = png(ihdr(INDEXED), text, ...colours(INDEXED), text, idat(INDEXED), text, IEND);
    const result = await clean(bytes);
    expect(result.clean).toEqual(encode(INDEXED));
    expect(result.dropped).toEqual(['tEXt']);
  });

  test('more kinds of chunks than a ledger row lists', async () => {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
    const result = await clean(encode(RGB, ...letters.map(letter => chunk(`${letter}aAa`))));
    expect(result.clean).toEqual(plain);
    expect(result.dropped).toHaveLength(17);
    expect(result.dropped.at(-1)).toBe('others');
  });
});

describe('a PNG is refused for', () => {
  test.each(BAD_PNGS)('%s: %s', async (_, type, bytes) => {
    const result = await checkImage(bytes);
    expect(result).toMatchObject({ ok: false, reason: { type } });
  });
});

describe('a palette has a colour for each pixel', () => {
  const shapes = build
    .everyShape(33, 18)
    .filter(({ colourType, bitDepth, transparent }) => {
      return colourType === 3 && bitDepth > 1 && !transparent;
    })
    .flatMap(shape => [0, 1, 2, 3, 4].map(filter => ({ ...shape, filters: [filter] })));
  test.each(shapes)('$bitDepth bits, interlaced $interlaced, filter $filters', async shape => {
    // Two thirds of the indices are used, each of them somewhere.
    const entries = Math.floor((2 ** shape.bitDepth * 2) / 3);
    const { samples, palette = [] } = picture(shape);
    const used = Array.from(samples, index => index % entries);
    const sound = { ...shape, samples: used, palette: palette.slice(0, entries) };
    expect(await checkImage(encode(sound))).toMatchObject({ ok: true });

    const short = { ...sound, palette: palette.slice(0, entries - 1) };
    const reason = { type: 'bad_pixel_data' };
    expect(await checkImage(encode(short))).toMatchObject({ ok: false, reason });
  });

  test('the last pixel of the last row too', async () => {
    const shape = { width: 9, height: 8, colourType: 3, bitDepth: 2, interlaced: true } as const;
    const palette = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9]
    ] as const;
    const samples = Array<number>(72).fill(2);
    expect(await checkImage(encode({ ...shape, samples, palette }))).toMatchObject({ ok: true });
    samples[71] = 3;
    expect(await checkImage(encode({ ...shape, samples, palette }))).toMatchObject({ ok: false });
  });
});

function splitIdat(source: build.Picture, size: number): Buffer {
  const data = idat(source).subarray(8, -4);
  const count = Math.ceil(data.length / size);
  const parts = Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
  return png(ihdr(source), ...parts.map(part => chunk('IDAT', part)), IEND);
}
