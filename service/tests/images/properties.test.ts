import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkImage } from '../../src/images/check.ts';
import { decodeWithSharp } from './decode.ts';
import { adobe, encodeJpeg, exif, jfif, piece, put, take } from './jpeg-builder.ts';
import * as build from './png-builder.ts';

/** The same files in every run; another may be given to search elsewhere. */
const SEED = Number(process.env.FAST_CHECK_SEED ?? 20_260_701);

beforeAll(() => {
  console.log(`properties of image checks: FAST_CHECK_SEED=${SEED}`);
});

const runs = (numRuns: number): fc.Parameters<unknown> => ({ seed: SEED, numRuns });

const PNGS = build.everyShape(7, 5).map(shape => build.encode(build.picture(shape)));
const JPEGS = await Promise.all(
  [{}, { progressive: true }, { grey: true }, { mozjpeg: true, chromaSubsampling: '4:4:4' }].map(
    options => encodeJpeg({ width: 21, height: 18, ...options })
  )
);

const anyPng = fc.constantFrom(...PNGS);
const anyJpeg = fc.constantFrom(...JPEGS);
/** A place in a file, as a share of its length, and what its byte is changed by. */
const change = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  by: fc.integer({ min: 1, max: 255 })
});
type Change = { at: number; by: number };

function mutate(bytes: Buffer, { at, by }: Change): Buffer {
  const mutated = Buffer.from(bytes);
  const place = Math.floor(at * bytes.length);
  mutated[place] = (mutated[place] ?? 0) ^ by;
  return mutated;
}

/** What must be true of whatever is accepted: see the titles of the tests. */
async function expectSound(bytes: Buffer): Promise<void> {
  const result = await checkImage(bytes);
  expect(!result.ok && result.fault).toBeFalsy();
  if (result.ok) {
    const before = await decodeWithSharp(bytes, 'none');
    const after = await decodeWithSharp(result.clean, 'warning');
    expect(after.equals(before)).toBe(true);
    const again = await checkImage(result.clean);
    expect(again).toMatchObject({ ok: true, dropped: [] });
    expect(again.ok && again.clean).toBe(result.clean);
  }
}

describe('any bytes are answered, never thrown at', () => {
  const starts = [Buffer.alloc(0), build.SIGNATURE, Buffer.from('ffd8ff', 'hex')];
  test('random ones, with and without the start of an image', async () => {
    const bytes = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 600 }));
    await fc.assert(
      fc.asyncProperty(bytes, async ([start, rest]) => {
        const result = await checkImage(Buffer.concat([start, rest]));
        expect(result.ok).toBe(false);
        expect(!result.ok && result.reason.type).not.toBe('check_failed');
      }),
      runs(3_000)
    );
  });

  test('an image cut off anywhere is refused', async () => {
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyPng, anyJpeg), share, async (bytes, at) => {
        const cut = bytes.subarray(0, Math.floor(at * bytes.length));
        expect(await checkImage(cut)).toMatchObject({ ok: false });
      }),
      runs(1_000)
    );
  });
});

describe('what is accepted has the pixels of its source, and is clean', () => {
  test('a PNG with any byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(anyPng, change, async (bytes, one) => {
        const result = await checkImage(mutate(bytes, one));
        // Each byte is under a CRC or is one.
        expect(result.ok).toBe(false);
      }),
      runs(2_000)
    );
  });

  test('a PNG with any byte of a chunk changed and the CRC made right', async () => {
    await fc.assert(
      fc.asyncProperty(anyPng, change, async (bytes, one) => {
        await expectSound(repairChecksums(mutate(bytes, one)));
      }),
      runs(2_000)
    );
  });

  test('a PNG of any chunks in any order', async () => {
    const names = [
      'tEXt',
      'sRGB',
      'gAMA',
      'cHRM',
      'iCCP',
      'eXIf',
      'bKGD',
      'pHYs',
      'tRNS',
      'PLTE',
      'IDAT',
      'sBIT',
      'zzZz'
    ];
    const name = fc.constantFrom(...names);
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom(Buffer.from([0]), build.u32(45_455), Buffer.alloc(0))
    );
    const extras = fc.array(fc.tuple(name, data, fc.nat(8)), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(anyPng, extras, async (bytes, list) => {
        const chunks = splitChunks(bytes);
        for (const [type, content, place] of list) {
          chunks.splice(1 + (place % (chunks.length - 1)), 0, build.chunk(type, content));
        }
        await expectSound(build.png(...chunks));
      }),
      runs(1_000)
    );
  });

  test('a JPEG with any bytes changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyJpeg,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        async (bytes, all) => {
          await expectSound(all.reduce(mutate, bytes));
        }
      ),
      runs(2_000)
    );
  });

  test('a JPEG with any metadata in any place', async () => {
    const metadata = fc.oneof(
      fc
        .tuple(fc.integer({ min: 0xe0, max: 0xef }), fc.uint8Array({ maxLength: 20 }))
        .map(([marker, data]) => piece(marker, data)),
      fc.constantFrom(adobe(0), adobe(1), adobe(1, 9), adobe(2), exif(1), piece(0xfe, 'x')),
      fc.array(fc.nat(255), { minLength: 9, maxLength: 12 }).map(rest => jfif(...rest))
    );
    const extras = fc.array(fc.tuple(metadata, fc.nat(9)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyJpeg, extras, async (bytes, list) => {
        const pieces = take(bytes);
        for (const [extra, place] of list) {
          pieces.splice(place % (pieces.length + 1), 0, extra);
        }
        await expectSound(put(...pieces));
      }),
      runs(400)
    );
  });
});

function splitChunks(png: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 12 + png.readUInt32BE(at);
    chunks.push(png.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** Every CRC made right for what its chunk says now, as far as lengths still lead from one to the next. */
function repairChecksums(png: Buffer): Buffer {
  for (const chunk of splitChunks(png)) {
    if (chunk.length === 12 + chunk.readUInt32BE(0)) {
      chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
    }
  }
  return png;
}
