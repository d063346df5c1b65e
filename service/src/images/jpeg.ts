import sharp from 'sharp';
import { exifOrientation } from './exif.ts';
import { readFrame, readHuffman, readQuantisation, readScanHeader } from './jpeg-frame.ts';
import type { Frame, HuffmanTable } from './jpeg-frame.ts';
import { ScanReader } from './jpeg-scan.ts';
import { hex, MARKER, readSegments } from './jpeg-segments.ts';
import type { Segment } from './jpeg-segments.ts';
import { DroppedNames } from './limits.ts';
import type { CheckedPixels, ImageLimits } from './limits.ts';
import { refuse } from './reasons.ts';

/**
 * Checks a JPEG and cleans it, by ITU-T T.81 (baseline, extended and progressive, Huffman-coded,
 * 8 bits, grey or three components) and JFIF 1.02; then sharp decodes the clean file in full.
 *
 * The clean file has the same tables and scans. Every APPn and COM segment goes, with two
 * exceptions that decide how decoders take three components: where there was a JFIF segment
 * there is a bare one, and where there was an Adobe segment a bare one with its transform. An ICC
 * profile goes too, and the result says so: a profile is a file within the file, and browsers take
 * untagged pixels as sRGB.
 * An Exif orientation other than upright refuses the image: without the tag it would be shown
 * turned, and pixels are never changed.
 *
 * Out of reach: tables that no component uses (about two kilobytes before each scan), padding bits, steganography.
 *
 * @param bytes the whole file, which begins with SOI
 * @throws Refused with the reason, and nothing else
 */
export async function checkJpeg(bytes: Buffer, limits: ImageLimits): Promise<CheckedPixels> {
  const segments = readSegments(bytes);
  const walk = new Walk(limits);
  for (const segment of segments) {
    walk.see(segment);
  }
  const { frame, dropped, droppedColour } = walk.end();
  const clean = joinKept(bytes, segments, walk.application());
  await decode(clean, frame, limits);
  return {
    clean,
    width: frame.width,
    height: frame.height,
    channels: frame.components.length === 1 ? 1 : 3,
    bitDepth: 8,
    dropped: dropped.list(),
    droppedColour
  };
}

/** More than any encoder's script has; vips and browsers stop at about a hundred. */
const MOST_SCANS = 64;

const JFIF = Buffer.from('ffe000104a46494600010100000100010000', 'hex');

function adobe(transform: number): Buffer {
  return Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
}

/** Goes through the segments in order, as a decoder would. */
class Walk {
  readonly #limits: ImageLimits;
  readonly #dc = new Map<number, HuffmanTable>();
  readonly #ac = new Map<number, HuffmanTable>();
  readonly #quantisation = new Set<number>();
  /** What was defined since the last scan: a second definition would hide the first. */
  readonly #fresh = new Set<string>();
  readonly #dropped = new DroppedNames();
  readonly #droppedColour = new Set<string>();
  #restartInterval = 0;
  #frame: Frame | undefined;
  #scans: ScanReader | undefined;
  #scanCount = 0;
  #jfif: Segment | undefined;
  #adobe: Segment | undefined;

  constructor(limits: ImageLimits) {
    this.#limits = limits;
  }

  see(segment: Segment): void {
    const { marker, data } = segment;
    if (marker >= MARKER.APP0 && marker <= MARKER.APP15) {
      this.#seeApplication(segment);
    } else if (marker === MARKER.COM) {
      this.#dropped.add('COM');
    } else if (marker === MARKER.DQT) {
      for (const destination of readQuantisation(data)) {
        this.#define(`DQT ${destination}`);
        this.#quantisation.add(destination);
      }
    } else if (marker === MARKER.DHT) {
      for (const { kind, destination, table } of readHuffman(data)) {
        this.#define(`DHT ${kind} ${destination}`);
        (kind === 'dc' ? this.#dc : this.#ac).set(destination, table);
      }
    } else if (marker === MARKER.DRI) {
      this.#seeRestartInterval(data);
    } else if (marker === MARKER.SOS) {
      this.#seeScan(segment);
    } else if (isFrame(marker)) {
      this.#seeFrame(segment);
    } else if (marker === MARKER.DNL || marker === MARKER.DHP || marker === MARKER.EXP) {
      refuse('unsupported_jpeg', { found: `of a rare kind (${hex(marker)})` });
    } else {
      refuse('malformed', { rule: `marker ${hex(marker)} has no place here` });
    }
  }

  end(): { frame: Frame; dropped: DroppedNames; droppedColour: string[] } {
    if (!this.#frame || !this.#scans) {
      refuse('malformed', { rule: 'a JPEG has a frame' });
    }
    this.#scans.end();
    if (this.#fresh.size > 0) {
      refuse('hidden_bytes', { where: 'tables behind the last pixels' });
    }
    return {
      frame: this.#frame,
      dropped: this.#dropped,
      droppedColour: [...this.#droppedColour]
    };
  }

  /** The application segments of the clean file. */
  application(): Buffer[] {
    return [
      ...(this.#jfif ? [JFIF] : []),
      ...(this.#adobe && this.#frame?.components.length === 3
        ? [adobe(this.#adobe.data[11] ?? 1)]
        : [])
    ];
  }

  #seeApplication(segment: Segment): void {
    const { marker, data } = segment;
    const ahead = this.#scanCount === 0;
    if (ahead && marker === MARKER.APP0 && data.length >= 14 && says(data, 'JFIF\0')) {
      this.#jfif ??= segment;
      if (this.#jfif === segment && data.equals(JFIF.subarray(4))) {
        return;
      }
    } else if (ahead && marker === MARKER.APP14 && data.length >= 12 && says(data, 'Adobe')) {
      if (this.#adobe && this.#adobe.data[11] !== data[11]) {
        refuse('malformed', { rule: 'an Adobe segment says once how colours are transformed' });
      }
      this.#adobe ??= segment;
      if (this.#adobe === segment && data.equals(adobe(data[11] ?? 1).subarray(4))) {
        return;
      }
    } else if (marker === MARKER.APP1 && says(data, 'Exif\0')) {
      const orientation = exifOrientation(data.subarray(6));
      if (orientation !== 1) {
        refuse('rotated_by_metadata', { orientation });
      }
    } else if (marker === MARKER.APP2 && says(data, 'ICC_PROFILE\0')) {
      this.#droppedColour.add('ICC profile');
    }
    this.#dropped.add(`APP${marker - MARKER.APP0}`);
  }

  #seeRestartInterval(data: Buffer): void {
    if (data.length !== 2) {
      refuse('malformed', { rule: 'a restart interval has two bytes' });
    }
    this.#define('DRI');
    this.#restartInterval = data.readUInt16BE(0);
  }

  #seeFrame(segment: Segment): void {
    if (this.#frame) {
      refuse('malformed', { rule: 'a JPEG has one frame' });
    }
    this.#frame = readFrame(segment, this.#limits);
    this.#scans = new ScanReader(this.#frame);
    this.#checkTransform(this.#frame);
  }

  /** libjpeg lets JFIF win over Adobe, others do not: where they disagree colours would differ. */
  #checkTransform(frame: Frame): void {
    const transform = this.#adobe?.data[11];
    if (frame.components.length !== 3 || transform === undefined) {
      return;
    }
    if (transform > 1 || (transform === 0 && this.#jfif)) {
      refuse('malformed', { rule: 'the Adobe segment fits the three components' });
    }
  }

  #seeScan({ data, scan }: Segment): void {
    if (!this.#frame || !this.#scans || !scan) {
      refuse('malformed', { rule: 'the frame comes before its pixels' });
    }
    this.#scanCount += 1;
    if (this.#scanCount > MOST_SCANS) {
      refuse('malformed', { rule: `a JPEG has at most ${MOST_SCANS} scans here` });
    }
    this.#checkTransform(this.#frame);
    const header = readScanHeader(data, this.#frame);
    for (const { component } of header.components) {
      if (!this.#quantisation.has(component.quantisation)) {
        refuse('malformed', { rule: 'a component uses a quantisation table that is there' });
      }
    }
    this.#scans.read(header, scan, {
      dc: this.#dc,
      ac: this.#ac,
      restartInterval: this.#restartInterval
    });
    this.#fresh.clear();
  }

  #define(name: string): void {
    if (this.#fresh.has(name)) {
      refuse('hidden_bytes', { where: 'a table that another replaces before it is used' });
    }
    this.#fresh.add(name);
  }
}

/** SOF0 to SOF15, between which stand DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return (
    (marker <= MARKER.SOF15 && marker !== MARKER.DHT && marker !== MARKER.JPG) ||
    // Arithmetic conditioning comes ahead of a frame that would be refused for it.
    marker === MARKER.DAC
  );
}

function says(data: Buffer, name: string): boolean {
  return data.toString('latin1', 0, name.length) === name;
}

function joinKept(bytes: Buffer, segments: readonly Segment[], application: Buffer[]): Buffer {
  const kept = segments
    .filter(({ marker }) => marker < MARKER.APP0)
    .map(({ start, end }) => bytes.subarray(start, end));
  const clean = Buffer.concat([
    Buffer.from([0xff, MARKER.SOI]),
    ...application,
    ...kept,
    Buffer.from([0xff, MARKER.EOI])
  ]);
  return clean.equals(bytes) ? bytes : clean;
}

/** The second opinion: the library that many viewers share decodes it all, without a warning. */
async function decode(clean: Buffer, frame: Frame, limits: ImageLimits): Promise<void> {
  const { info } = await sharp(clean, {
    failOn: 'warning',
    limitInputPixels: limits.maxPixels,
    sequentialRead: true
  })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => refuse('bad_pixel_data', { rule: 'a full decode of it fails' }));
  if (info.width !== frame.width || info.height !== frame.height) {
    refuse('bad_pixel_data', { rule: 'two decoders see different dimensions' });
  }
}
