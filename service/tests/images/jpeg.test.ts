import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { checkImage } from '../../src/images/check.ts';
import type { CleanImage } from '../../src/images/check.ts';
import { BAD_JPEGS } from './bad-jpegs.ts';
import { decodeWithSharp } from './decode.ts';
import {
  adobe,
  BARE_JFIF,
  encodeJpeg,
  exif,
  jfif,
  patch,
  piece,
  put,
  replace,
  take
} from './jpeg-builder.ts';

const BASE = await encodeJpeg();
const PIECES = take(BASE);

async function clean(bytes: Buffer): Promise<CleanImage> {
  const result = await checkImage(bytes);
  if (!result.ok) {
    throw new Error(`${result.reason.type}: ${result.reason.msg}`, { cause: result.fault });
  }
  return result;
}

describe('a sound JPEG is accepted as it is', () => {
  const kinds = [
    { progressive: false },
    { progressive: true },
    { mozjpeg: true },
    { optimiseCoding: false },
    { progressive: true, optimiseScans: true }
  ];
  const cases = kinds.flatMap(kind =>
    (['4:2:0', '4:4:4'] as const).flatMap(chromaSubsampling =>
      [5, 50, 95].flatMap(quality =>
        [
          { width: 61, height: 43 },
          { width: 8, height: 8 },
          { width: 1, height: 1 },
          { width: 17, height: 130 }
        ].map(size => ({ ...kind, chromaSubsampling, quality, ...size }))
      )
    )
  );
  test.each(cases)('%j', async options => {
    const bytes = await encodeJpeg(options);
    const { width, height } = options;
    const result = await clean(bytes);
    expect(result.clean).toBe(bytes);
    expect(result).toMatchObject({
      width,
      height,
      channels: 3,
      bitDepth: 8,
      dropped: [],
      warnings: []
    });
    expect(result).toMatchObject({ mediaType: 'image/jpeg', extension: 'jpg' });
  });

  test.each([{}, { progressive: true }])('grey %j', async options => {
    const bytes = await encodeJpeg({ ...options, grey: true });
    const result = await clean(bytes);
    expect(result.clean).toBe(bytes);
    expect(result.channels).toBe(1);
  });

  test('with a bare JFIF and a bare Adobe segment', async () => {
    const bytes = put(BARE_JFIF, adobe(1), ...PIECES);
    expect((await clean(bytes)).clean).toBe(bytes);
  });

  test('with RGB and not YCbCr inside, as Adobe says', async () => {
    const bytes = put(adobe(0), ...PIECES);
    const result = await clean(bytes);
    expect(result.clean).toBe(bytes);
    expect(await decodeWithSharp(bytes)).not.toEqual(await decodeWithSharp(BASE));
  });
});

describe('a JPEG is cleaned of', () => {
  test.each([
    ['COM', piece(0xfe, 'secret')],
    ['APP1', exif(1)],
    ['APP1', piece(0xe1, 'Exif\0\0not TIFF at all')],
    ['APP1', piece(0xe1, 'Exif\0')],
    ['APP1', piece(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>')],
    ['APP2', piece(0xe2, 'MPF\0secret')],
    ['APP13', piece(0xed, 'Photoshop 3.0\0secret')],
    ['APP15', piece(0xef, 'secret')],
    ['APP0', piece(0xe0, 'JFXX\0\x10secret')],
    ['APP0', piece(0xe0, 'secret')],
    ['APP14', piece(0xee, 'secret')]
  ])('%s', async (name, extra) => {
    for (const bytes of [put(extra, ...PIECES), put(...PIECES, extra)]) {
      const result = await clean(bytes);
      expect(result.clean).toEqual(BASE);
      expect(result.dropped).toEqual([name]);
      expect(result.warnings).toEqual([]);
    }
  });

  test('an ICC profile, and its PI is told that colours may change', async () => {
    const raw = { width: 61, height: 43, channels: 3 } as const;
    const pixels = await sharp(BASE).raw().toBuffer();
    const tagged = await sharp(pixels, { raw }).withIccProfile('p3').jpeg().toBuffer();
    const result = await clean(tagged);
    expect(result.dropped).toEqual(['APP2']);
    expect(result.warnings.map(({ type }) => type)).toEqual(['colour_information_dropped']);
    expect(result.clean.includes('ICC_PROFILE')).toBe(false);
    expect(await decodeWithSharp(result.clean)).toEqual(await decodeWithSharp(tagged));
  });

  test.each([
    ['its density', jfif(1, 2, 1, 0, 72, 0, 72, 0, 0)],
    ['its thumbnail', jfif(1, 1, 0, 0, 1, 0, 1, 1, 1, 9, 9, 9)]
  ])('all that JFIF says but that it is JFIF: %s', async (_, segment) => {
    const result = await clean(put(segment, ...PIECES));
    expect(result.clean).toEqual(put(BARE_JFIF, ...PIECES));
    expect(result.dropped).toEqual(['APP0']);
  });

  test('all that Adobe says but how colours are transformed', async () => {
    const result = await clean(put(adobe(0, 77), ...PIECES));
    expect(result.clean).toEqual(put(adobe(0), ...PIECES));
    expect(result.dropped).toEqual(['APP14']);
  });

  test('an Adobe segment where one component leaves it nothing to say', async () => {
    const grey = await encodeJpeg({ grey: true });
    const result = await clean(put(adobe(0), ...take(grey)));
    expect(result.clean).toEqual(grey);
  });

  test('fill bytes before markers', async () => {
    const filled = put(
      ...PIECES.flatMap(p => [Buffer.alloc(3, 0xff), p.bytes]),
      Buffer.alloc(2, 0xff)
    );
    expect((await clean(filled)).clean).toEqual(BASE);
  });
});

describe('restart markers', () => {
  const GREY_8 = { width: 8, height: 8, grey: true } as const;

  /** A grey image of `count` equal blocks side by side, each in a restart interval of its own. */
  async function restarted(count: number, numbers: readonly number[]): Promise<Buffer> {
    const one = await encodeJpeg({ ...GREY_8, optimiseCoding: false });
    const wide = patch(one, 0xc0, 8, 8 * count);
    return replace(wide, 0xda, ({ marker, bytes }) => {
      const [header, block] = [bytes.subarray(0, 10), bytes.subarray(10)];
      const rest = numbers.flatMap(n => [Buffer.from([0xff, 0xd0 + n]), block]);
      return [
        piece(0xdd, Buffer.from([0, 1])),
        { marker, bytes: Buffer.concat([header, block, ...rest]) }
      ];
    });
  }

  test('are followed, from 0 to 7 and over again', async () => {
    const bytes = await restarted(11, [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]);
    const result = await clean(bytes);
    expect(result.clean).toBe(bytes);
    expect(result.width).toBe(88);
  });

  test.each([
    ['out of order', [0, 2, 1]],
    ['too few', [0, 1]],
    ['too many', [0, 1, 2, 3]]
  ])('%s are refused', async (_, numbers) => {
    const result = await checkImage(await restarted(4, numbers));
    expect(result).toMatchObject({ ok: false, reason: { type: 'bad_pixel_data' } });
  });
});

describe('a JPEG is refused for', () => {
  test.each(BAD_JPEGS)('%s: %s', async (_, type, bytes) => {
    const result = await checkImage(bytes);
    expect(result).toMatchObject({ ok: false, reason: { type } });
  });
});
