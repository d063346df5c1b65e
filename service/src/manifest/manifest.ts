/**
 * The Zooniverse manifest. The import reads `external_id`, `location:*` and `metadata:*` alone, takes the media type
 * from a URL's extension, and fails on an unquoted empty location (panoptes:app/models/subject_set_import): so every
 * row has as many locations as the header, and every field is quoted.
 */
import { stringify } from 'csv-stringify/sync';
import type { ExportRow, ItemRow } from '../exports/store.ts';
import { subjectsOf } from '../exports/subjects.ts';
import { publicUrl } from '../public/urls.ts';

/**
 * @param items - the published items, in order
 * @param origin - of the public server
 * @returns CSV, one row a subject
 * @throws Error where subjects have different numbers of frames, which the decision step leaves none of
 */
export function manifestOf(exported: ExportRow, items: readonly ItemRow[], origin: string): string {
  const subjects = subjectsOf(items, exported.frame_dimension, exported.naming_key);
  const frames = subjects[0]?.frames.length ?? 0;
  if (subjects.some(subject => subject.frames.length !== frames)) {
    throw new Error('Subjects of one manifest have different numbers of frames.');
  }
  const header = [
    'external_id',
    ...Array.from({ length: frames }, (_, index) => `location:image_${index}`),
    ...exported.metadata_columns.map(column => `metadata:${column}`)
  ];
  const rows = subjects.map(({ externalId, frames }) => [
    externalId,
    ...frames.map(frame => publicUrl(origin, exported.public_prefix, frame.public_name ?? '')),
    ...exported.metadata_columns.map(column => text(frames[0]?.metadata?.[column]))
  ]);
  return stringify([header, ...rows], { quoted: true, quoted_empty: true });
}

function text(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
