import { checkJpeg } from './jpeg.ts';
import { DEFAULT_LIMITS, ZOONIVERSE_ADVICE_BYTES } from './limits.ts';
import type { CheckedPixels, ImageLimits } from './limits.ts';
import { checkPng } from './png.ts';
import { reason, Refused, refuse, warning } from './reasons.ts';
import type { Reason, Warning } from './reasons.ts';
import { sniff } from './sniff.ts';

/** An image that may be published, once it is approved. */
export interface CleanImage extends Omit<CheckedPixels, 'droppedColour'> {
  readonly ok: true;
  readonly mediaType: 'image/png' | 'image/jpeg';
  /** In lower case, as the Zooniverse's import needs it. */
  readonly extension: 'png' | 'jpg';
  readonly warnings: readonly Warning[];
}

export interface RefusedImage {
  readonly ok: false;
  readonly reason: Reason;
  /** For our log, never for the PI: what went wrong in us, where the reason is `check_failed`. */
  readonly fault?: unknown;
}

/**
 * Checks the bytes of one file that a PI wrote, and cleans it of all that is not its pixels.
 *
 * Which format it is, its content says. The clean bytes have the same compressed pixels as the
 * source, and are the source's own buffer where nothing had to go. What is allowed and dropped:
 * `checkPng`, `checkJpeg`.
 *
 * PNGs are checked without waiting, JPEGs decode in sharp's thread.
 * A process that does nothing else calls `quietSharp` first.
 *
 * @param bytes the whole file; not changed
 * @returns a refusal for any bytes that are not a clean image; never rejects
 */
export async function checkImage(
  bytes: Buffer,
  limits: ImageLimits = DEFAULT_LIMITS
): Promise<CleanImage | RefusedImage> {
  try {
    if (bytes.length > limits.maxBytes) {
      refuse('too_many_bytes', { bytes: bytes.length, limit: limits.maxBytes });
    }
    if (sniff(bytes) === 'png') {
      return accept(checkPng(bytes, limits), 'image/png', 'png');
    }
    return accept(await checkJpeg(bytes, limits), 'image/jpeg', 'jpg');
  } catch (error) {
    return error instanceof Refused
      ? { ok: false, reason: error.reason }
      : { ok: false, reason: reason('check_failed'), fault: error };
  }
}

function accept(
  { droppedColour, ...pixels }: CheckedPixels,
  mediaType: CleanImage['mediaType'],
  extension: CleanImage['extension']
): CleanImage {
  const warnings: Warning[] = [];
  if (pixels.clean.length > ZOONIVERSE_ADVICE_BYTES) {
    warnings.push(warning('over_zooniverse_advice', { bytes: pixels.clean.length }));
  }
  if (droppedColour.length > 0) {
    warnings.push(warning('colour_information_dropped', { found: droppedColour.join(', ') }));
  }
  return { ok: true, mediaType, extension, warnings, ...pixels };
}
