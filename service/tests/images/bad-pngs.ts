/** A PNG for each rule that a PNG can break. */
import { deflateSync } from 'node:zlib';
import * as build from './png-builder.ts';

const { chunk, colours, encode, idat, IEND, ihdr, picture, png, scanlines } = build;

const RGB = picture({ width: 9, height: 7, colourType: 2, bitDepth: 8 });
const GREY = picture({ width: 9, height: 7, colourType: 0, bitDepth: 4 });
const INDEXED = picture({ width: 9, height: 7, colourType: 3, bitDepth: 4 });
const SRGB = chunk('sRGB', Buffer.from([0]));

/** What is wrong, the reason, and the file: one row a rule. */
export const BAD_PNGS: readonly (readonly [string, string, Buffer])[] = [
  // The walk over the chunks.
  ['signature alone', 'truncated', build.SIGNATURE],
  ['half a signature', 'truncated', build.SIGNATURE.subarray(0, 5)],
  ['cut inside a chunk', 'truncated', encode(RGB).subarray(0, -40)],
  ['no IEND', 'truncated', encode(RGB).subarray(0, -12)],
  [
    'chunk longer than the file',
    'truncated',
    png(ihdr(RGB), Buffer.from('7fffffff49444154', 'hex'), IEND)
  ],
  [
    'chunk of four gigabytes',
    'truncated',
    png(ihdr(RGB), Buffer.from('ffffffff49444154', 'hex'), IEND)
  ],
  [
    'CRC of IHDR',
    'bad_checksum',
    png(chunk('IHDR', ihdr(RGB).subarray(8, -4), 1), idat(RGB), IEND)
  ],
  ['CRC of IDAT', 'bad_checksum', png(ihdr(RGB), chunk('IDAT', Buffer.from('x'), 1), IEND)],
  ['CRC of IEND', 'bad_checksum', png(ihdr(RGB), idat(RGB), chunk('IEND', Buffer.alloc(0), 1))],
  ['CRC of a chunk to be dropped', 'bad_checksum', encode(RGB, chunk('tEXt', Buffer.from('x'), 1))],
  ['chunk name of no letters', 'malformed', encode(RGB, chunk('a1Aa'))],
  ['chunk name of high bytes', 'malformed', encode(RGB, chunk('\xe1aAa'))],
  ['zip behind IEND', 'trailing_bytes', Buffer.concat([encode(RGB), Buffer.from('PK\x03\x04')])],
  ['one byte behind IEND', 'trailing_bytes', Buffer.concat([encode(RGB), Buffer.alloc(1)])],
  ['two images', 'trailing_bytes', Buffer.concat([encode(RGB), encode(RGB)])],
  ['bytes in IEND', 'hidden_bytes', png(ihdr(RGB), idat(RGB), chunk('IEND', Buffer.from('x')))],
  ['too many chunks', 'malformed', encode(RGB, ...Array<Buffer>(20_001).fill(chunk('tEXt')))],
  // Order.
  ['no IHDR', 'malformed', png(idat(RGB), IEND)],
  ['something before IHDR', 'malformed', png(SRGB, ihdr(RGB), idat(RGB), IEND)],
  ['two IHDR', 'malformed', png(ihdr(RGB), ihdr(RGB), idat(RGB), IEND)],
  ['IHDR behind the pixels', 'malformed', png(ihdr(RGB), idat(RGB), ihdr(RGB), IEND)],
  ['no IDAT', 'malformed', png(ihdr(RGB), IEND)],
  ['something between IDATs', 'malformed', png(ihdr(RGB), chunk('IDAT'), SRGB, idat(RGB), IEND)],
  ['no palette', 'malformed', png(ihdr(INDEXED), idat(INDEXED), IEND)],
  [
    'palette behind pixels',
    'malformed',
    png(ihdr(INDEXED), idat(INDEXED), ...colours(INDEXED), IEND)
  ],
  [
    'palette behind true-colour pixels',
    'malformed',
    png(ihdr(RGB), idat(RGB), ...colours(INDEXED), IEND)
  ],
  ['two palettes', 'malformed', encode(INDEXED, ...colours(INDEXED))],
  [
    'Apple’s CgBI',
    'unknown_critical_chunk',
    png(chunk('CgBI', Buffer.alloc(4)), ihdr(RGB), idat(RGB), IEND)
  ],
  ['unknown critical chunk', 'unknown_critical_chunk', encode(RGB, chunk('ABCD'))],
  ['animation', 'animated', encode(RGB, chunk('acTL', Buffer.alloc(8)))],
  ['frame control', 'animated', encode(RGB, chunk('fcTL', Buffer.alloc(26)))],
  ['frame data', 'animated', png(ihdr(RGB), idat(RGB), chunk('fdAT', Buffer.alloc(9)), IEND)],
  // The header.
  ['IHDR of 12 bytes', 'malformed', png(chunk('IHDR', Buffer.alloc(12)), idat(RGB), IEND)],
  [
    'IHDR of 14 bytes',
    'malformed',
    png(chunk('IHDR', Buffer.concat([ihdr(RGB).subarray(8, -4), Buffer.alloc(1)])), idat(RGB), IEND)
  ],
  ['no width', 'malformed', encode({ ...RGB, width: 0 })],
  ['no height', 'malformed', encode({ ...RGB, height: 0 })],
  ['width over the limit', 'too_many_pixels', withHeader({ ...GREY, width: 8_193, height: 1 })],
  [
    'height over the limit',
    'too_many_pixels',
    withHeader({ ...GREY, width: 1, height: 0xffffffff })
  ],
  [
    'pixels over the limit',
    'too_many_pixels',
    withHeader({ ...GREY, width: 4_097, height: 4_097 })
  ],
  ['16 bits grey', 'more_than_8_bits', encode(picture({ ...GREY, bitDepth: 16 }))],
  ['16 bits RGB', 'more_than_8_bits', encode(picture({ ...RGB, bitDepth: 16 }))],
  ['16 bits RGBA', 'more_than_8_bits', encode(picture({ ...RGB, colourType: 6, bitDepth: 16 }))],
  ['bit depth 3', 'malformed', withHeaderByte(8, 3)],
  ['bit depth 4 in RGB', 'malformed', withHeaderByte(8, 4)],
  ['colour type 5', 'malformed', withHeaderByte(9, 5)],
  ['colour type 255', 'malformed', withHeaderByte(9, 255)],
  ['compression method 1', 'malformed', withHeaderByte(10, 1)],
  ['filter method 64 (MNG)', 'malformed', withHeaderByte(11, 64)],
  ['interlace method 2', 'malformed', withHeaderByte(12, 2)],
  // Palette and transparency.
  ['palette not of triples', 'malformed', withPalette(Buffer.alloc(4))],
  ['empty palette', 'malformed', withPalette(Buffer.alloc(0))],
  ['palette of 17 colours for 4 bits', 'malformed', withPalette(Buffer.alloc(51))],
  ['palette of 257 colours', 'malformed', encode(RGB, chunk('PLTE', Buffer.alloc(771)))],
  ['palette in a grey image', 'malformed', encode(GREY, chunk('PLTE', Buffer.alloc(3)))],
  ['index beyond the palette', 'bad_pixel_data', withPalette(Buffer.alloc(9))],
  ['tRNS before the palette', 'malformed', encode(INDEXED, chunk('tRNS', Buffer.alloc(1)))],
  [
    'tRNS longer than the palette',
    'malformed',
    encode({ ...INDEXED, transparency: Buffer.alloc(17) })
  ],
  ['empty tRNS', 'malformed', encode({ ...INDEXED, transparency: Buffer.alloc(0) })],
  ['tRNS of three bytes in grey', 'malformed', encode({ ...GREY, transparency: Buffer.alloc(3) })],
  [
    'tRNS beyond the bit depth',
    'malformed',
    encode({ ...GREY, transparency: Buffer.from([0, 16]) })
  ],
  [
    'tRNS with free high bytes',
    'malformed',
    encode({ ...RGB, transparency: Buffer.from([0, 1, 1, 1, 0, 1]) })
  ],
  [
    'tRNS beside alpha',
    'malformed',
    encode({ ...picture({ ...RGB, colourType: 6 }), transparency: Buffer.alloc(6) })
  ],
  [
    'two tRNS',
    'malformed',
    encode({ ...RGB, transparency: Buffer.alloc(6) }, chunk('tRNS', Buffer.alloc(6)))
  ],
  [
    'tRNS behind the pixels',
    'malformed',
    png(ihdr(RGB), idat(RGB), chunk('tRNS', Buffer.alloc(6)), IEND)
  ],
  // The compressed pixels.
  ['empty IDAT', 'bad_pixel_data', withPixels(RGB, Buffer.alloc(0))],
  ['IDAT that is no zlib stream', 'bad_pixel_data', withPixels(RGB, Buffer.from('secret'))],
  [
    'cut zlib stream',
    'bad_pixel_data',
    withPixels(RGB, deflateSync(scanlines(RGB)).subarray(0, -5))
  ],
  ['wrong Adler-32', 'bad_pixel_data', withPixels(RGB, wrongAdler())],
  ['no Adler-32', 'bad_pixel_data', withPixels(RGB, deflateSync(scanlines(RGB)).subarray(0, -4))],
  [
    'preset dictionary',
    'bad_pixel_data',
    withPixels(RGB, deflateSync(scanlines(RGB), { dictionary: Buffer.from('dict') }))
  ],
  ['one row too few', 'bad_pixel_data', withPixels(RGB, deflateSync(scanlines(RGB).subarray(28)))],
  [
    'one byte too few',
    'bad_pixel_data',
    withPixels(RGB, deflateSync(scanlines(RGB).subarray(0, -1)))
  ],
  [
    'one byte too many',
    'hidden_bytes',
    withPixels(RGB, deflateSync(Buffer.concat([scanlines(RGB), Buffer.alloc(1)])))
  ],
  ['a bomb', 'hidden_bytes', withPixels(RGB, deflateSync(Buffer.alloc(1_000_000)))],
  [
    'bytes behind the zlib stream',
    'hidden_bytes',
    withPixels(RGB, Buffer.concat([deflateSync(scanlines(RGB)), Buffer.from('secret')]))
  ],
  [
    'second zlib stream',
    'hidden_bytes',
    withPixels(
      RGB,
      Buffer.concat([deflateSync(scanlines(RGB)), deflateSync(Buffer.from('secret'))])
    )
  ],
  [
    'bytes in an IDAT of their own',
    'hidden_bytes',
    png(ihdr(RGB), idat(RGB), chunk('IDAT', Buffer.from('secret')), IEND)
  ],
  ['empty deflate blocks without end', 'hidden_bytes', withPixels(RGB, withEmptyBlocks(400))],
  ['filter 5', 'bad_pixel_data', encode({ ...RGB, filters: [0, 0, 5] })],
  [
    'filter 255 in the last row',
    'bad_pixel_data',
    encode({ ...RGB, filters: [0, 0, 0, 0, 0, 0, 255] })
  ],
  ['filter 5 in the last Adam7 pass', 'bad_pixel_data', lastFilter()],
  [
    'interlaced rows in a plain image',
    'hidden_bytes',
    withPixels(RGB, deflateSync(scanlines({ ...RGB, interlaced: true })))
  ],
  [
    'plain rows in an interlaced image',
    'bad_pixel_data',
    withPixels({ ...RGB, interlaced: true }, deflateSync(scanlines(RGB)))
  ],
  // Metadata that changes what is seen.
  [
    'Exif that turns the image',
    'rotated_by_metadata',
    encode(
      RGB,
      chunk('eXIf', Buffer.from('4d4d002a0000000800010112000300000001000600000000', 'hex'))
    )
  ]
];

export function withPixels(source: build.Picture, compressed: Buffer): Buffer {
  return png(ihdr(source), ...colours(source), chunk('IDAT', compressed), IEND);
}

function withHeader(header: build.Picture): Buffer {
  return png(ihdr(header), idat(GREY), IEND);
}

function withHeaderByte(at: number, value: number): Buffer {
  const data = Buffer.from(ihdr(RGB).subarray(8, -4));
  data[at] = value;
  return png(chunk('IHDR', data), idat(RGB), IEND);
}

function withPalette(data: Buffer): Buffer {
  return png(ihdr(INDEXED), chunk('PLTE', data), idat(INDEXED), IEND);
}

function wrongAdler(): Buffer {
  const data = Buffer.from(deflateSync(scanlines(RGB)));
  data.writeUInt32BE(1, data.length - 4);
  return data;
}

/** Behind the two bytes of zlib's header, empty stored blocks: `0` and type `00`, length 0. */
function withEmptyBlocks(count: number): Buffer {
  const data = deflateSync(scanlines(RGB));
  const blocks = Array<Buffer>(count).fill(Buffer.from('000000ffff', 'hex'));
  return Buffer.concat([data.subarray(0, 2), ...blocks, data.subarray(2)]);
}

function lastFilter(): Buffer {
  const source = { ...RGB, interlaced: true };
  const rows = scanlines(source);
  rows[rows.length - 28] = 5;
  return withPixels(source, deflateSync(rows));
}
