/**
 * Why an image is refused, and what is said to a PI about it: what was found and what to do.
 *
 * `{name}` is filled in by {@link refuse}. Values come from numbers, from this program, or from
 * chunk names already known to be four ASCII letters, so no byte of a hostile file reaches a message.
 */
export const REASONS = {
  empty_file: 'The file is empty. Write the cutout again.',
  too_many_bytes:
    'The file has {bytes} bytes; at most {limit} are accepted. Cut a smaller field or compress it more.',
  not_an_image:
    'This is {found}, not an image. Export PNG or JPEG cutouts; `to_cutout` makes one from an array of pixels.',
  unsupported_format: 'This is {found}. Only PNG and JPEG are accepted: save the cutout as PNG.',
  too_many_pixels:
    'The image is {width} × {height} pixels; at most {side} on a side and {pixels} in all are accepted. Cut a smaller field.',
  more_than_8_bits:
    'The image has {bits} bits a channel; browsers and volunteers see 8. Stretch it to 8 bits with `to_cutout` and write it again.',
  animated:
    'This is an animated PNG. Write each frame as a cutout of its own: a subject can have several.',
  truncated: 'The file ends before its image does ({where}). Write the cutout again.',
  trailing_bytes:
    'Bytes follow the end of the image ({bytes} of them) and do not belong to it. Write the cutout again from its pixels.',
  hidden_bytes:
    'Inside the file are bytes that are no part of the picture ({where}). Write the cutout again from its pixels.',
  bad_checksum: 'A checksum is wrong ({where}): the file was damaged. Write the cutout again.',
  malformed: 'The file breaks a rule of its format: {rule}. Write the cutout again.',
  bad_pixel_data: 'The pixels cannot be read: {rule}. Write the cutout again.',
  unknown_critical_chunk:
    'The PNG needs an extension of its format ("{chunk}") that browsers do not have. Save it as plain PNG.',
  rotated_by_metadata:
    'A tag (Exif orientation {orientation}) asks viewers to turn or mirror the picture. The tag would be removed and the pixels are never changed, so volunteers would see it turned. Save the cutout upright, without the tag.',
  unsupported_colours:
    'The JPEG has {found}; only grey and RGB pictures are accepted. Save the cutout as grey or RGB.',
  unsupported_jpeg:
    'The JPEG is {found}, which browsers do not show. Save the cutout as a baseline or progressive JPEG, or as PNG.',
  check_crashed:
    'The program that checks images crashed on this file, twice. Nothing of it was published. Write the cutout again from its pixels.',
  check_timed_out:
    'Checking this file took too long, twice. Nothing of it was published. Write the cutout again from its pixels.',
  check_out_of_memory:
    'Checking this file took too much memory, twice. Nothing of it was published. Cut a smaller field.',
  check_failed:
    'The file could not be checked, through a fault of ours. Nothing of it was published. Please tell the EPO team.'
} as const;

export type ReasonType = keyof typeof REASONS;

/** What the caller stores and shows: a code for programs and a sentence for the PI. */
export interface Reason {
  readonly type: ReasonType;
  readonly msg: string;
}

/** What is not wrong enough to refuse an image, and is told to the PI all the same. */
export const WARNINGS = {
  over_zooniverse_advice:
    'The image has {bytes} bytes. The Zooniverse advises at most 1,000 KB: volunteers on slow connections wait.',
  colour_information_dropped:
    'The file described its colours ({found}); that description was removed and browsers take the pixels as sRGB. If the colours matter, convert to sRGB before writing.'
} as const;

export type WarningType = keyof typeof WARNINGS;

export interface Warning {
  readonly type: WarningType;
  readonly msg: string;
}

type Values = Readonly<Record<string, string | number>>;

/** The reason of this type, with its sentence filled in. */
export function reason(type: ReasonType, values: Values = {}): Reason {
  return { type, msg: fill(REASONS[type], values) };
}

/** The warning of this type, with its sentence filled in. */
export function warning(type: WarningType, values: Values = {}): Warning {
  return { type, msg: fill(WARNINGS[type], values) };
}

/** How the checks inside this folder say no; `checkImage` turns it into data. */
export class Refused extends Error {
  readonly reason: Reason;

  constructor(why: Reason) {
    super(why.msg);
    this.reason = why;
  }
}

/** Stops the check of this image. @throws {@link Refused}, always. */
export function refuse(type: ReasonType, values: Values = {}): never {
  throw new Refused(reason(type, values));
}

function fill(sentence: string, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) {
      return placeholder;
    }
    return typeof value === 'number' ? value.toLocaleString('en-US') : value;
  });
}
