import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { checkImage } from '../../src/images/check.ts';
import { DEFAULT_LIMITS } from '../../src/images/limits.ts';
import { REASONS, reason, WARNINGS, warning } from '../../src/images/reasons.ts';
import { BAD_JPEGS } from './bad-jpegs.ts';
import { BAD_PNGS, withPixels } from './bad-pngs.ts';
import { encodeJpeg } from './jpeg-builder.ts';
import { encode, picture, scanlines } from './png-builder.ts';

const SMALL = picture({ width: 9, height: 7, colourType: 2, bitDepth: 8 });
const raw = { raw: { width: 9, height: 7, channels: 3 } } as const;
const image = (): Sharp => sharp(Uint8Array.from(SMALL.samples), raw);

/** What a file is, by its first bytes, and the words for it. */
const OTHERS: readonly (readonly [string, string, Buffer])[] = [
  ['a GIF image', 'unsupported_format', await image().gif().toBuffer()],
  ['a TIFF image', 'unsupported_format', await image().tiff().toBuffer()],
  ['a WebP image', 'unsupported_format', await image().webp().toBuffer()],
  ['an AVIF image', 'unsupported_format', await image().avif().toBuffer()],
  ['a JPEG 2000 image', 'unsupported_format', latin('\0\0\0\x0cjP  \r\n\x87\n')],
  ['a JPEG XL image', 'unsupported_format', latin('\xff\x0a\0\0')],
  ['a BMP image', 'unsupported_format', latin('BM\x36\0\0\0')],
  ['an SVG drawing', 'unsupported_format', latin('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['an SVG drawing', 'unsupported_format', latin('<?xml version="1.0"?>\n<SVG onload="x()"/>')],
  ['a web page', 'not_an_image', latin('\n <!DOCTYPE html><title>x</title>')],
  ['a web page', 'not_an_image', latin('GIF8<script>alert(1)</script>')],
  ['a FITS file', 'not_an_image', latin('SIMPLE  =                    T / conforms')],
  ['a zip archive', 'not_an_image', latin('PK\x03\x04\x14\0')],
  ['a gzip file', 'not_an_image', latin('\x1f\x8b\x08')],
  ['an HDF5 file', 'not_an_image', latin('\x89HDF\r\n\x1a\n')],
  ['a Parquet file', 'not_an_image', latin('PAR1\x15\0')],
  ['a NumPy array', 'not_an_image', latin('\x93NUMPY\x01\0')],
  ['a PDF document', 'not_an_image', latin('%PDF-1.7')],
  ['a script', 'not_an_image', latin('#!/bin/sh\nrm -rf /')],
  ['a text', 'not_an_image', latin('Dear PI,\n')],
  ['an unknown kind of file', 'not_an_image', Buffer.alloc(100)],
  ['an unknown kind of file', 'not_an_image', latin('\x89PNG\n\x1a\n')]
];

describe('a file is known by its content', () => {
  test.each(OTHERS)('%s: %s', async (found, type, bytes) => {
    const result = await checkImage(bytes);
    expect(result).toMatchObject({ ok: false, reason: { type } });
    expect(!result.ok && result.reason.msg).toContain(found);
  });

  test('an empty file is empty', async () => {
    expect(await checkImage(Buffer.alloc(0))).toEqual({ ok: false, reason: reason('empty_file') });
  });
});

describe('limits', () => {
  const bytes = encode(SMALL);

  test.each([
    ['bytes', { maxBytes: bytes.length }, { maxBytes: bytes.length - 1 }, 'too_many_bytes'],
    ['a side', { maxSide: 9 }, { maxSide: 8 }, 'too_many_pixels'],
    ['pixels', { maxPixels: 63 }, { maxPixels: 62 }, 'too_many_pixels']
  ])('of %s are inclusive', async (_, within, beyond, type) => {
    expect(await checkImage(bytes, { ...DEFAULT_LIMITS, ...within })).toMatchObject({ ok: true });
    expect(await checkImage(bytes, { ...DEFAULT_LIMITS, ...beyond })).toMatchObject({
      ok: false,
      reason: { type }
    });
  });

  test('of pixels hold for JPEG too', async () => {
    const limits = { ...DEFAULT_LIMITS, maxPixels: 61 * 43 - 1 };
    expect(await checkImage(await encodeJpeg(), limits)).toMatchObject({
      ok: false,
      reason: { type: 'too_many_pixels' }
    });
  });

  test('an image at the limit of pixels passes', async () => {
    const large = { ...SMALL, width: 4_096, height: 4_096, colourType: 0, samples: [] } as const;
    const flat = withPixels(large, deflateSync(Buffer.alloc(4_096 * 4_097), { level: 1 }));
    expect(await checkImage(flat)).toMatchObject({ ok: true, width: 4_096, height: 4_096 });
  });
});

test('an image above the Zooniverse’s advice passes with a warning', async () => {
  const size = { width: 600, height: 600, colourType: 2, bitDepth: 8 } as const;
  const source = picture(size);
  const bytes = withPixels(source, deflateSync(scanlines(source), { level: 1 }));
  const warnings = [warning('over_zooniverse_advice', { bytes: bytes.length })];
  expect(bytes.length).toBeGreaterThan(1_000_000);
  expect(await checkImage(bytes)).toMatchObject({ ok: true, warnings });
});

test('a fault of ours refuses the image, and says to whom it is to be told', async () => {
  // A buffer that is none, which every access fails on.
  const broken = new Proxy(Buffer.alloc(8), {});
  const result = await checkImage(broken);
  expect(result).toMatchObject({ ok: false, reason: reason('check_failed') });
  expect(!result.ok && result.fault).toBeInstanceOf(TypeError);
});

describe('what a PI reads', () => {
  test.each(Object.entries({ ...REASONS, ...WARNINGS }))('%s is made of sentences', (_, msg) => {
    expect(msg).toMatch(/^[A-Z].*\.$/);
  });

  test('has no gap in any refusal', async () => {
    const files = [...BAD_PNGS, ...BAD_JPEGS, ...OTHERS].map(([, , bytes]) => bytes);
    const results = await Promise.all(files.map(bytes => checkImage(bytes)));
    const messages = results.map(result => (result.ok ? '{accepted}' : result.reason.msg));
    expect(messages.filter(msg => /\{\w+\}/.test(msg))).toEqual([]);
  });
});

function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
