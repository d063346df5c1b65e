/**
 * The one fact that is read from metadata before it is dropped: whether viewers turn the picture.
 *
 * Exif 2.32, 4.6.2 and TIFF 6.0, 2: a byte order, an offset to IFD0, twelve bytes an entry.
 */

const ORIENTATION_TAG = 0x0112;
const TYPE_SHORT = 3;
const ENTRY_BYTES = 12;

/**
 * The orientation (1 to 8) that a TIFF block asks for, as found in a JPEG's APP1 after `Exif\0\0`
 * and in a PNG's eXIf. 1, upright, where it asks for none or cannot be read: what no viewer can
 * read turns no picture.
 */
export function exifOrientation(tiff: Buffer): number {
  if (tiff.length < 8) {
    return 1;
  }
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') {
    return 1;
  }
  const little = order === 'II';
  const u16 = (at: number): number => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number): number => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const ifd = u32(4);
  if (u16(2) !== 42 || ifd + 2 > tiff.length) {
    return 1;
  }
  const entries = u16(ifd);
  for (let i = 0; i < entries; i += 1) {
    const entry = ifd + 2 + i * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > tiff.length) {
      return 1;
    }
    if (u16(entry) === ORIENTATION_TAG) {
      const value = u16(entry + 8);
      return u16(entry + 2) === TYPE_SHORT && value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}
