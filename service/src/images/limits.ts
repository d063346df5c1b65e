import { refuse } from './reasons.ts';

/** How large an image may be. Each is looked at before anything is decoded. */
export interface ImageLimits {
  /** Bytes of the file. */
  readonly maxBytes: number;
  /** Pixels in a row, and rows. */
  readonly maxSide: number;
  /** Width × height. Bounds the memory of a check to about six bytes a pixel. */
  readonly maxPixels: number;
}

/** Far above any cutout; the bridge's own default limit of a payload is the same 10 MiB. */
export const DEFAULT_LIMITS: ImageLimits = {
  maxBytes: 10 * 1024 * 1024,
  maxSide: 8_192,
  maxPixels: 4_096 * 4_096
};

/** Above this the Zooniverse advises against an image (1,000 KB); it refuses only direct uploads. */
export const ZOONIVERSE_ADVICE_BYTES = 1_000_000;

/** What a cleaned image is: what both formats' checks return. */
export interface CheckedPixels {
  /** The bytes to publish: the source's own buffer when nothing had to go. */
  readonly clean: Buffer;
  readonly width: number;
  readonly height: number;
  /** Channels of the decoded picture: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  readonly channels: 1 | 2 | 3 | 4;
  /** Bits a channel (an index's, where there is a palette) as stored: 1, 2, 4 or 8. */
  readonly bitDepth: 1 | 2 | 4 | 8;
  /** Names of what cleaning removed, each once: `tEXt`, `APP1`, `COM`, … */
  readonly dropped: readonly string[];
  /** Which of what was removed described the colours of the pixels; empty when nothing did. */
  readonly droppedColour: readonly string[];
}

/** Refuses dimensions beyond the limits. @throws Refused `too_many_pixels` */
export function checkDimensions(width: number, height: number, limits: ImageLimits): void {
  if (width > limits.maxSide || height > limits.maxSide || width * height > limits.maxPixels) {
    refuse('too_many_pixels', {
      width,
      height,
      side: limits.maxSide,
      pixels: limits.maxPixels
    });
  }
}

/** Names of what was dropped, each once, and no more than a ledger row should hold. */
export class DroppedNames {
  static readonly MOST = 16;
  readonly #names = new Set<string>();

  add(name: string): void {
    if (this.#names.size < DroppedNames.MOST) {
      this.#names.add(name);
    } else if (!this.#names.has(name)) {
      this.#names.add('others');
    }
  }

  list(): string[] {
    return [...this.#names];
  }
}
