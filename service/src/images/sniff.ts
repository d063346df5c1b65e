import { PNG_SIGNATURE } from './png-chunks.ts';
import { refuse } from './reasons.ts';

/** Formats that open with fixed bytes, with a PI's words for them. */
interface Opening {
  readonly bytes: Buffer;
  /** Where in the file the bytes stand; 0 unless told. */
  readonly at?: number;
  readonly found: string;
}

const JPEG_OPENING = Buffer.from([0xff, 0xd8, 0xff]);

const OTHER_IMAGES: readonly Opening[] = [
  { bytes: latin('GIF87a'), found: 'a GIF image' },
  { bytes: latin('GIF89a'), found: 'a GIF image' },
  { bytes: latin('II*\0'), found: 'a TIFF image' },
  { bytes: latin('MM\0*'), found: 'a TIFF image' },
  { bytes: latin('II+\0'), found: 'a TIFF image' },
  { bytes: latin('MM\0+'), found: 'a TIFF image' },
  { bytes: latin('WEBP'), at: 8, found: 'a WebP image' },
  { bytes: latin('ftypavif'), at: 4, found: 'an AVIF image' },
  { bytes: latin('ftypheic'), at: 4, found: 'a HEIC image' },
  { bytes: latin('ftypmif1'), at: 4, found: 'a HEIF image' },
  { bytes: latin('\0\0\0\x0cjP  '), found: 'a JPEG 2000 image' },
  { bytes: latin('\xff\x4f\xff\x51'), found: 'a JPEG 2000 image' },
  { bytes: latin('\xff\x0a'), found: 'a JPEG XL image' },
  { bytes: latin('\0\0\0\x0cJXL '), found: 'a JPEG XL image' },
  { bytes: latin('\x8aMNG\r\n\x1a\n'), found: 'an MNG animation' },
  { bytes: latin('8BPS'), found: 'a Photoshop file' },
  { bytes: latin('BM'), found: 'a BMP image' }
];

const NO_IMAGES: readonly Opening[] = [
  { bytes: latin('SIMPLE  ='), found: 'a FITS file' },
  { bytes: latin('XTENSION='), found: 'a FITS extension' },
  { bytes: latin('PK\x03\x04'), found: 'a zip archive' },
  { bytes: latin('PK\x05\x06'), found: 'a zip archive' },
  { bytes: latin('\x1f\x8b'), found: 'a gzip file' },
  { bytes: latin('\x89HDF\r\n\x1a\n'), found: 'an HDF5 file' },
  { bytes: latin('PAR1'), found: 'a Parquet file' },
  { bytes: latin('\x93NUMPY'), found: 'a NumPy array' },
  { bytes: latin('#<ASDF'), found: 'an ASDF file' },
  { bytes: latin('%PDF-'), found: 'a PDF document' },
  { bytes: latin('\x7fELF'), found: 'a program' },
  { bytes: latin('MZ'), found: 'a program' },
  { bytes: latin('#!'), found: 'a script' }
];

/** How far into a text an element may stand and still name it. */
const TEXT_BYTES = 1024;

/**
 * Which of the two accepted formats the file is, by its first bytes; its name is never asked.
 *
 * @throws Refused `empty_file`, `unsupported_format` (an image, of another kind), `not_an_image`
 */
export function sniff(bytes: Buffer): 'png' | 'jpeg' {
  if (bytes.length === 0) {
    refuse('empty_file');
  }
  if (opensWith(bytes, PNG_SIGNATURE)) {
    return 'png';
  }
  if (opensWith(bytes, JPEG_OPENING)) {
    return 'jpeg';
  }
  // A part of an opening is a file that was cut off, and that is what a PI should read.
  if (PNG_SIGNATURE.subarray(0, bytes.length).equals(bytes)) {
    refuse('truncated', { where: 'within the first eight bytes' });
  }
  if (JPEG_OPENING.subarray(0, bytes.length).equals(bytes)) {
    refuse('truncated', { where: 'within the first three bytes' });
  }
  const opening = (known: Opening): boolean => opensWith(bytes, known.bytes, known.at);
  const image = OTHER_IMAGES.find(opening);
  if (image) {
    refuse('unsupported_format', { found: image.found });
  }
  const other = NO_IMAGES.find(opening);
  refuse(...sortText(bytes, other?.found));
}

function sortText(
  bytes: Buffer,
  known: string | undefined
): ['not_an_image' | 'unsupported_format', { found: string }] {
  if (known !== undefined) {
    return ['not_an_image', { found: known }];
  }
  const text = bytes.toString('latin1', 0, TEXT_BYTES).toLowerCase();
  if (text.includes('<svg')) {
    return ['unsupported_format', { found: 'an SVG drawing' }];
  }
  if (text.includes('<!doctype html') || text.includes('<html') || text.includes('<script')) {
    return ['not_an_image', { found: 'a web page' }];
  }
  // eslint-disable-next-line no-control-regex -- control characters are what tells binary from text
  const found = /[\0-\x08\x0e-\x1f]/.test(text) ? 'an unknown kind of file' : 'a text';
  return ['not_an_image', { found }];
}

function opensWith(bytes: Buffer, opening: Buffer, at = 0): boolean {
  return bytes.subarray(at, at + opening.length).equals(opening);
}

function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
