/** What `EpoExport().show()` leaves in a notebook: where the panel is to open, and the latest exports. */
import { stateCheck } from '../api/service-checks';
import { listOf, nullable, object, ShapeError, text, whole, type Check } from '../api/json';
import type { ExportState } from '../api/types';

export const SHOW_MIME_TYPE = 'application/vnd.rsp-epo-export.show+json';

const VERSION = 1;

export interface Shown {
  /** The lab's label of the repository. */
  readonly repository: string | null;
  readonly collection: string | null;
  /** As they were when the cell ran. */
  readonly exports: readonly ShownExport[];
}

export interface ShownExport {
  readonly subject_set: string;
  readonly state: ExportState;
  readonly total: number;
  readonly manifest_url: string | null;
}

const versioned = object({
  version: whole,
  repository: nullable(text),
  collection: nullable(text),
  exports: listOf(
    object({ subject_set: text, state: stateCheck, total: whole, manifest_url: nullable(text) })
  )
});

/** A notebook may come from anybody, and from another version. */
export const shownCheck: Check<Shown> = (value, path) => {
  const { version, ...shown } = versioned(value, path);
  if (version !== VERSION) {
    throw new ShapeError(`${path}.version`, String(VERSION));
  }
  return shown;
};
