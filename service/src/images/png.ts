import { exifOrientation } from './exif.ts';
import { checkDimensions, DroppedNames } from './limits.ts';
import type { CheckedPixels, ImageLimits } from './limits.ts';
import { readChunks } from './png-chunks.ts';
import type { Chunk } from './png-chunks.ts';
import { checkPixels, SAMPLES } from './png-pixels.ts';
import type { PngHeader } from './png-pixels.ts';
import { refuse } from './reasons.ts';

/**
 * Checks a PNG and cleans it, by the W3C's "Portable Network Graphics", third edition.
 *
 * The clean file has the very same compressed pixels between the chunks that decide what they look
 * like: IHDR, PLTE (for indexed colour), tRNS, and sRGB, gAMA and cHRM where they say no more than
 * "sRGB". All else, text, times, Exif, profiles, unknown chunks, is left out, since it can carry
 * anything.
 *
 * Out of reach, because pixels are never changed and never encoded anew: what pixels say beneath an
 * alpha of zero (also of tRNS), in unused palette entries or in the unused low bits of a row; what
 * the choice of filters or of deflate's codes says; steganography.
 *
 * @param bytes the whole file, which begins with the PNG signature
 * @throws Refused with the reason, and nothing else
 */
export function checkPng(bytes: Buffer, limits: ImageLimits): CheckedPixels {
  const chunks = readChunks(bytes);
  const header = readHeader(chunks, limits);
  const sorted = sortChunks(chunks, header);
  const idat =
    sorted.idat.length === 1 && sorted.idat[0] ? sorted.idat[0] : Buffer.concat(sorted.idat);
  checkPixels(header, idat, header.colourType === 3 ? sorted.paletteEntries : null);
  const colour = header.colourType === 3 ? 3 : SAMPLES[header.colourType];
  // Only 1 and 3 can gain an alpha channel: tRNS is refused where alpha is there already.
  const channels = (sorted.transparency ? colour + 1 : colour) as 1 | 2 | 3 | 4;
  return {
    clean: joinKept(bytes, sorted.kept),
    width: header.width,
    height: header.height,
    channels,
    bitDepth: header.bitDepth,
    dropped: sorted.dropped.list(),
    droppedColour: sorted.kept.some(chunk => chunk.type === 'sRGB') ? [] : [...sorted.droppedColour]
  };
}

/** Bit depths that each colour type allows (W3C PNG, table 12). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16]
};

/** Values of gAMA and cHRM that mean sRGB (W3C PNG, 11.3.2.5); a fixed value carries nothing. */
const SRGB_GAMMA = Buffer.from('0000b18f', 'hex');
const SRGB_CHROMATICITIES = Buffer.from(
  '00007a26000080840000fa00000080e8000075300000ea6000003a9800001770',
  'hex'
);

function readHeader(chunks: readonly Chunk[], limits: ImageLimits): PngHeader {
  const data = chunks[0]?.data;
  if (data?.length !== 13) {
    refuse('malformed', { rule: 'the header, IHDR, has 13 bytes' });
  }
  const width = data.readUInt32BE(0);
  const height = data.readUInt32BE(4);
  const [bitDepth, colourType, compression, filter, interlace] = data.subarray(8);
  if (width === 0 || height === 0) {
    refuse('malformed', { rule: 'an image has at least one pixel' });
  }
  if (
    bitDepth === undefined ||
    colourType === undefined ||
    !DEPTHS[colourType]?.includes(bitDepth)
  ) {
    refuse('malformed', { rule: 'no PNG has this bit depth and colour type' });
  }
  if (bitDepth === 16) {
    refuse('more_than_8_bits', { bits: bitDepth });
  }
  if (compression !== 0 || filter !== 0 || (interlace !== 0 && interlace !== 1)) {
    refuse('malformed', { rule: 'no PNG has this compression, filter or interlace method' });
  }
  checkDimensions(width, height, limits);
  return {
    width,
    height,
    // DEPTHS has just been asked, and 16 is gone.
    bitDepth: bitDepth as PngHeader['bitDepth'],
    colourType: colourType as PngHeader['colourType'],
    interlaced: interlace === 1
  };
}

/** What {@link sortChunks} gathers on its way from IHDR to IEND. */
interface Sorted {
  readonly kept: Chunk[];
  readonly idat: Buffer[];
  readonly dropped: DroppedNames;
  readonly droppedColour: Set<string>;
  readonly seen: Set<string>;
  paletteEntries: number;
  transparency: boolean;
  /** IDAT chunks follow each other: no, among them, behind them. */
  pixels: 'ahead' | 'here' | 'behind';
}

function sortChunks(chunks: readonly Chunk[], header: PngHeader): Sorted {
  const sorted: Sorted = {
    kept: [],
    idat: [],
    dropped: new DroppedNames(),
    droppedColour: new Set(),
    seen: new Set(),
    paletteEntries: 0,
    transparency: false,
    pixels: 'ahead'
  };
  for (const chunk of chunks) {
    if (chunk.type !== 'IDAT' && sorted.pixels === 'here') {
      sorted.pixels = 'behind';
    }
    if (keep(chunk, header, sorted)) {
      sorted.kept.push(chunk);
    } else {
      sorted.dropped.add(chunk.type);
    }
    sorted.seen.add(chunk.type);
  }
  if (sorted.idat.length === 0) {
    refuse('malformed', { rule: 'a PNG has pixels, in IDAT' });
  }
  return sorted;
}

/** Whether a chunk stays. @throws Refused where it has no place here at all */
function keep(chunk: Chunk, header: PngHeader, sorted: Sorted): boolean {
  switch (chunk.type) {
    case 'IHDR':
      return once(chunk, sorted);
    case 'PLTE':
      return checkPalette(chunk, header, sorted);
    case 'tRNS':
      return checkTransparency(chunk, header, sorted);
    case 'IDAT':
      if (sorted.pixels === 'behind') {
        refuse('malformed', { rule: 'the IDAT chunks follow each other' });
      }
      if (header.colourType === 3 && sorted.paletteEntries === 0) {
        refuse('malformed', { rule: 'an image of indexed colours has its palette before IDAT' });
      }
      sorted.pixels = 'here';
      sorted.idat.push(chunk.data);
      return true;
    case 'IEND':
      return true;
    case 'sRGB':
      return first(chunk, sorted) && chunk.data.length === 1 && (chunk.data[0] ?? 4) < 4;
    case 'gAMA':
      return keepColour(chunk, sorted, SRGB_GAMMA);
    case 'cHRM':
      return keepColour(chunk, sorted, SRGB_CHROMATICITIES);
    case 'iCCP':
    case 'cICP':
      sorted.droppedColour.add(chunk.type);
      return false;
    case 'eXIf':
      checkOrientation(chunk);
      return false;
    case 'acTL':
    case 'fcTL':
    case 'fdAT':
      return refuse('animated');
    default:
      return checkAncillary(chunk);
  }
}

function once(chunk: Chunk, sorted: Sorted): true {
  if (sorted.seen.has(chunk.type)) {
    refuse('malformed', { rule: `a PNG has one ${chunk.type} chunk` });
  }
  return true;
}

function checkPalette(chunk: Chunk, header: PngHeader, sorted: Sorted): boolean {
  once(chunk, sorted);
  if (sorted.pixels !== 'ahead') {
    refuse('malformed', { rule: 'the palette comes before the pixels' });
  }
  if (header.colourType === 0 || header.colourType === 4) {
    refuse('malformed', { rule: 'a grey image has no palette' });
  }
  const entries = chunk.data.length / 3;
  const most = header.colourType === 3 ? 2 ** header.bitDepth : 256;
  if (!Number.isInteger(entries) || entries === 0 || entries > most) {
    refuse('malformed', { rule: `the palette has 1 to ${most} colours of three bytes` });
  }
  sorted.paletteEntries = entries;
  // In a true-colour image it is a suggestion to screens of 256 colours: free bytes today.
  return header.colourType === 3;
}

function checkTransparency(chunk: Chunk, header: PngHeader, sorted: Sorted): true {
  once(chunk, sorted);
  if (sorted.pixels !== 'ahead') {
    refuse('malformed', { rule: 'the transparency, tRNS, comes before the pixels' });
  }
  if (!transparencyFits(chunk.data, header, sorted.paletteEntries)) {
    refuse('malformed', { rule: 'the transparency, tRNS, does not fit the kind of image' });
  }
  sorted.transparency = true;
  return true;
}

function transparencyFits(data: Buffer, header: PngHeader, paletteEntries: number): boolean {
  const most = 2 ** header.bitDepth - 1;
  switch (header.colourType) {
    case 0:
      return data.length === 2 && data.readUInt16BE(0) <= most;
    case 2:
      return data.length === 6 && [0, 2, 4].every(at => data.readUInt16BE(at) <= most);
    case 3:
      return data.length > 0 && data.length <= paletteEntries;
    default:
      return false;
  }
}

function keepColour(chunk: Chunk, sorted: Sorted, canonical: Buffer): boolean {
  const kept = first(chunk, sorted) && chunk.data.equals(canonical);
  if (!kept) {
    sorted.droppedColour.add(chunk.type);
  }
  return kept;
}

/** Whether a colour chunk is the only one of its name and stands where decoders heed it. */
function first(chunk: Chunk, sorted: Sorted): boolean {
  return !sorted.seen.has(chunk.type) && !sorted.seen.has('PLTE') && sorted.pixels === 'ahead';
}

function checkOrientation(chunk: Chunk): void {
  const orientation = exifOrientation(chunk.data);
  if (orientation !== 1) {
    refuse('rotated_by_metadata', { orientation });
  }
}

/** What we do not know is dropped where PNG lets a decoder skip it (W3C PNG, 5.4), else refused. */
function checkAncillary(chunk: Chunk): false {
  const critical = ((chunk.type.charCodeAt(0) >> 5) & 1) === 0;
  if (critical) {
    refuse('unknown_critical_chunk', { chunk: chunk.type });
  }
  return false;
}

/** The signature and the kept chunks, as they were; the file's own buffer if that is all of it. */
function joinKept(bytes: Buffer, kept: readonly Chunk[]): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  let to = kept[0]?.start ?? 0;
  for (const chunk of kept) {
    if (chunk.start !== to) {
      pieces.push(bytes.subarray(from, to));
      from = chunk.start;
    }
    to = chunk.end;
  }
  if (pieces.length === 0 && to === bytes.length) {
    return bytes;
  }
  pieces.push(bytes.subarray(from, to));
  return Buffer.concat(pieces);
}
