import sharp from 'sharp';
import type { FailOnOptions } from 'sharp';

/** The RGBA pixels that sharp sees, its profile conversion off. */
export async function decodeWithSharp(
  bytes: Buffer,
  failOn: FailOnOptions = 'warning'
): Promise<Buffer> {
  return await sharp(bytes, { failOn, ignoreIcc: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer();
}
