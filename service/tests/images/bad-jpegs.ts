/** A JPEG for each rule that a JPEG can break. */
import { adobe, encodeJpeg, exif, jfif, patch, piece, put, replace, take } from './jpeg-builder.ts';
import type { Piece } from './jpeg-builder.ts';

const BASE = await encodeJpeg();
const GREY = await encodeJpeg({ grey: true });
const STANDARD = await encodeJpeg({ optimiseCoding: false });
const PROGRESSIVE = await encodeJpeg({ progressive: true });
const PIECES = take(BASE);
const [SOF0, DHT, SOS, DQT, DRI] = [0xc0, 0xc4, 0xda, 0xdb, 0xdd];

const frame = pick(SOF0);
const scan = pick(SOS);
const beforeScan = PIECES.slice(0, PIECES.indexOf(scan));

/** What is wrong, the reason, and the file: one row a rule. */
export const BAD_JPEGS: readonly (readonly [string, string, Buffer])[] = [
  // The walk over the markers.
  ['start alone', 'truncated', BASE.subarray(0, 3)],
  ['half a start', 'truncated', BASE.subarray(0, 2)],
  ['cut within a segment', 'truncated', BASE.subarray(0, 30)],
  ['cut behind a marker', 'truncated', Buffer.from('ffd8ffdb', 'hex')],
  ['cut within the pixels', 'truncated', BASE.subarray(0, -100)],
  ['no EOI', 'truncated', BASE.subarray(0, -2)],
  ['half an EOI', 'truncated', BASE.subarray(0, -1)],
  ['FFs without end', 'truncated', Buffer.concat([BASE.subarray(0, -2), Buffer.alloc(9, 0xff)])],
  ['zip behind EOI', 'trailing_bytes', Buffer.concat([BASE, Buffer.from('PK\x03\x04')])],
  ['two images', 'trailing_bytes', Buffer.concat([BASE, BASE])],
  ['length of one', 'malformed', put(Buffer.from('ffdb0001', 'hex'), ...PIECES)],
  ['bytes between segments', 'malformed', put(...beforeScan, Buffer.from('secret'), scan)],
  ['second SOI', 'malformed', put(Buffer.from('ffd8', 'hex'), ...PIECES)],
  ['restart marker before the scan', 'malformed', put(Buffer.from('ffd0', 'hex'), ...PIECES)],
  ['reserved marker', 'malformed', put(piece(0x02), ...PIECES)],
  ['JPG marker', 'malformed', put(piece(0xf0), ...PIECES)],
  ['too many segments', 'malformed', put(...Array<Piece>(2_001).fill(piece(0xfe)), ...PIECES)],
  // Kinds of JPEG.
  ['12 bits', 'more_than_8_bits', patch(BASE, SOF0, 4, 12)],
  ['CMYK', 'unsupported_colours', replace(BASE, SOF0, () => [frameOf(4)])],
  ['two components', 'unsupported_colours', replace(BASE, SOF0, () => [frameOf(2)])],
  ['no components', 'unsupported_colours', replace(BASE, SOF0, () => [frameOf(0)])],
  ['lossless', 'unsupported_jpeg', patch(BASE, SOF0, 1, 0xc3)],
  ['hierarchical', 'unsupported_jpeg', patch(BASE, SOF0, 1, 0xc5)],
  ['arithmetic', 'unsupported_jpeg', patch(BASE, SOF0, 1, 0xc9)],
  ['arithmetic conditioning', 'unsupported_jpeg', put(piece(0xcc, Buffer.alloc(2)), ...PIECES)],
  ['height given later', 'unsupported_jpeg', put(...PIECES, piece(0xdc, Buffer.from([0, 43])))],
  ['hierarchical progression', 'unsupported_jpeg', put(piece(0xde, Buffer.alloc(9)), ...PIECES)],
  // The frame.
  ['no frame', 'malformed', put(...PIECES.filter(p => p !== frame))],
  ['nothing at all', 'malformed', put()],
  ['two frames', 'malformed', put(...beforeScan, frame, scan)],
  [
    'frame header too short',
    'malformed',
    replace(BASE, SOF0, () => [piece(SOF0, Buffer.alloc(5, 8))])
  ],
  ['frame header too long', 'malformed', replace(BASE, SOF0, old => [lengthened(old)])],
  ['no height', 'malformed', replace(BASE, SOF0, old => [sized(old, 0, 61)])],
  ['no width', 'malformed', replace(BASE, SOF0, old => [sized(old, 43, 0)])],
  ['width over the limit', 'too_many_pixels', replace(BASE, SOF0, old => [sized(old, 1, 8_193)])],
  [
    'pixels over the limit',
    'too_many_pixels',
    replace(BASE, SOF0, old => [sized(old, 4_097, 4_097)])
  ],
  ['sampling of 0', 'malformed', patch(BASE, SOF0, 11, 0x02)],
  ['sampling of 5', 'malformed', patch(BASE, SOF0, 11, 0x15)],
  ['quantisation table 4', 'malformed', patch(BASE, SOF0, 12, 4)],
  ['two components of one name', 'malformed', patch(BASE, SOF0, 13, 1)],
  // Tables.
  ['quantisation table cut short', 'malformed', put(piece(DQT, Buffer.alloc(64)), ...PIECES)],
  ['quantisation table of 4 bits', 'malformed', put(piece(DQT, Buffer.alloc(65, 0x20)), ...PIECES)],
  ['no quantisation table', 'malformed', put(...PIECES.filter(p => p.marker !== DQT))],
  ['no Huffman table', 'malformed', put(...PIECES.filter(p => p.marker !== DHT))],
  ['Huffman table cut short', 'malformed', put(piece(DHT, Buffer.alloc(10)), ...PIECES)],
  ['Huffman symbols cut short', 'malformed', put(piece(DHT, huffman([0, 2], [1])), ...PIECES)],
  ['too many codes of a length', 'malformed', put(piece(DHT, huffman([3], [1, 2, 3])), ...PIECES)],
  ['a code of ones', 'malformed', put(piece(DHT, huffman([2], [1, 2])), ...PIECES)],
  ['DC size of 16', 'malformed', put(piece(DHT, huffman([1], [16])), ...PIECES)],
  ['table defined twice', 'hidden_bytes', put(...PIECES.filter(p => p.marker === DHT), ...PIECES)],
  [
    'quantisation defined twice',
    'hidden_bytes',
    put(...PIECES.filter(p => p.marker === DQT), ...PIECES)
  ],
  [
    'table behind the pixels',
    'hidden_bytes',
    put(...PIECES, ...PIECES.filter(p => p.marker === DHT))
  ],
  ['restart interval of one byte', 'malformed', put(piece(DRI, 'x'), ...PIECES)],
  // Scans.
  ['no scan', 'bad_pixel_data', put(...beforeScan)],
  ['scan before the frame', 'malformed', put(...beforeScan.filter(p => p !== frame), scan, frame)],
  [
    'scan header too short',
    'malformed',
    replace(BASE, SOS, () => [piece(SOS, Buffer.from([1, 1]))])
  ],
  [
    'scan of no components',
    'malformed',
    replace(BASE, SOS, () => [piece(SOS, Buffer.from([0, 0, 63, 0]))])
  ],
  ['scan of an unknown component', 'malformed', patch(BASE, SOS, 5, 9)],
  ['scan of a component twice', 'malformed', patch(BASE, SOS, 7, 1)],
  ['scan with Huffman table 4', 'malformed', patch(BASE, SOS, 6, 0x44)],
  ['sequential scan of some coefficients', 'malformed', patch(BASE, SOS, 12, 62)],
  ['progressive scan of all', 'malformed', patch(PROGRESSIVE, SOS, 12, 63)],
  ['same scan twice', 'hidden_bytes', put(...PIECES, scan)],
  ['more scans than any encoder writes', 'malformed', manyScans()],
  ['scan of the second component only', 'bad_pixel_data', oneComponent()],
  ['progressive AC before DC', 'malformed', acFirst()],
  // The pixels themselves.
  ['bytes behind the last block', 'hidden_bytes', put(...beforeScan, scan, Buffer.from('secret'))],
  ['zeros behind the last block', 'hidden_bytes', put(...beforeScan, scan, Buffer.alloc(5_000))],
  [
    'stuffed bytes behind the last block',
    'hidden_bytes',
    put(...beforeScan, scan, Buffer.from('ff00', 'hex'))
  ],
  [
    'bytes behind a progressive scan',
    'hidden_bytes',
    replace(PROGRESSIVE, SOS, old => [tailed(old)])
  ],
  ['pixels of a smaller image', 'hidden_bytes', replace(BASE, SOF0, old => [sized(old, 16, 16)])],
  [
    'pixels that end too early',
    'bad_pixel_data',
    put(...beforeScan, { marker: SOS, bytes: scan.bytes.subarray(0, -30) })
  ],
  ['pixels that end too early, progressive', 'bad_pixel_data', shortenedProgressive()],
  [
    'no pixels behind a scan header',
    'bad_pixel_data',
    put(...beforeScan, { marker: SOS, bytes: scan.bytes.subarray(0, 14) })
  ],
  [
    'restart marker without an interval',
    'bad_pixel_data',
    put(...beforeScan, scan, Buffer.from('ffd0', 'hex'))
  ],
  [
    'interval without restart markers',
    'bad_pixel_data',
    put(...beforeScan, piece(DRI, Buffer.from([0, 1])), scan)
  ],
  // Metadata that changes what is seen.
  ['Exif that turns the image', 'rotated_by_metadata', put(exif(6), ...PIECES)],
  ['little-endian Exif that mirrors it', 'rotated_by_metadata', put(exif(2, 'II'), ...PIECES)],
  ['Exif behind the pixels that turns it', 'rotated_by_metadata', put(...PIECES, exif(3))],
  ['Adobe transform for four components', 'malformed', put(adobe(2), ...PIECES)],
  [
    'Adobe that contradicts JFIF',
    'malformed',
    put(jfif(1, 1, 0, 0, 1, 0, 1, 0, 0), adobe(0), ...PIECES)
  ],
  ['two Adobe segments that disagree', 'malformed', put(adobe(0), adobe(1), ...PIECES)],
  [
    'grey image with bytes behind its blocks',
    'hidden_bytes',
    put(...take(GREY), Buffer.from('secret'))
  ]
];

function pick(marker: number): Piece {
  const found = PIECES.find(p => p.marker === marker);
  if (!found) {
    throw new Error(`the base image has no ${marker.toString(16)}`);
  }
  return found;
}

function frameOf(count: number): Piece {
  const components = Array.from({ length: count }, (_, i) => [i + 1, 0x11, 0]).flat();
  return piece(SOF0, Buffer.from([8, 0, 43, 0, 61, count, ...components]));
}

function lengthened(old: Piece): Piece {
  return piece(old.marker, Buffer.concat([old.bytes.subarray(4), Buffer.alloc(1)]));
}

function sized(old: Piece, height: number, width: number): Piece {
  const bytes = Buffer.from(old.bytes);
  bytes.writeUInt16BE(height, 5);
  bytes.writeUInt16BE(width, 7);
  return { marker: old.marker, bytes };
}

function tailed(old: Piece): Piece {
  return { marker: old.marker, bytes: Buffer.concat([old.bytes, Buffer.from('secret')]) };
}

/** DC table 3, which no component uses, with counts by length and symbols. */
function huffman(counts: readonly number[], symbols: readonly number[]): Buffer {
  const padded = [...counts, ...Array<number>(16 - counts.length).fill(0)];
  return Buffer.from([3, ...padded, ...symbols]);
}

/** An image whose only scan has its second component, black. */
function oneComponent(): Buffer {
  const header = piece(SOS, Buffer.from([1, 2, 0x11, 0, 63, 0]));
  // Chrominance in 4:2:0 is half as wide and high; all its blocks empty: DC size 0, end of block.
  const blocks = Math.ceil(Math.ceil(61 / 2) / 8) * Math.ceil(Math.ceil(43 / 2) / 8);
  const codes = emptyBlocks(blocks);
  const bytes = Buffer.concat([header.bytes, codes]);
  return replace(STANDARD, SOS, () => [{ marker: SOS, bytes }]);
}

/** The standard chrominance tables (T.81, K.3): DC size 0 is `00`, end of block is `00`. */
function emptyBlocks(count: number): Buffer {
  return Buffer.alloc(Math.ceil((count * 4) / 8));
}

/** Behind the DC coefficients a scan for each AC coefficient, all zero. */
function manyScans(): Buffer {
  const pieces = take(PROGRESSIVE);
  const dc = pieces.findIndex(p => p.marker === SOS);
  // One code, `0`: the end of a block. Luminance has 8 × 6 blocks and chrominance 4 × 3.
  const table = piece(DHT, Buffer.from([0x10, 1, ...Array<number>(15).fill(0), 0]));
  const band = (component: number, k: number, blocks: number): Piece => ({
    marker: SOS,
    bytes: Buffer.concat([
      piece(SOS, Buffer.from([1, component, 0, k, k, 0])).bytes,
      Buffer.alloc(Math.ceil(blocks / 8))
    ])
  });
  const luminance = Array.from({ length: 63 }, (_, i) => band(1, i + 1, 48));
  return put(...pieces.slice(0, dc + 1), table, ...luminance, band(2, 1, 12));
}

function acFirst(): Buffer {
  const pieces = take(PROGRESSIVE);
  const scans = pieces.filter(p => p.marker === SOS);
  const ac = scans.find(p => p.bytes[5 + 2 * (p.bytes[4] ?? 0)] !== 0);
  const first = pieces.findIndex(p => p.marker === SOS);
  return put(...pieces.slice(0, first), ...(ac ? [ac] : []));
}

function shortenedProgressive(): Buffer {
  let seen = false;
  return replace(PROGRESSIVE, SOS, old => {
    const bytes = seen ? old.bytes : old.bytes.subarray(0, -20);
    seen = true;
    return [{ marker: old.marker, bytes }];
  });
}
