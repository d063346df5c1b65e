/** Why a dataset is refused before anything looks at its pixels (those reasons: `../images/reasons.ts`). */
import type { Reason } from '../exports/schemas.ts';

export const ARTIFACT_REASONS = {
  missing: 'The Butler lists this dataset, but its file is gone.',
  outside_its_run:
    "The dataset's file does not lie in its own run's directory of the datastore. Put the image itself into the collection, not a reference to it.",
  not_a_local_file:
    "The dataset's file is not in the repository's own datastore. Put the image itself into the collection, not a reference to it.",
  is_a_link: "The dataset's file is a symbolic link. Put the image itself into the collection.",
  not_a_file: 'What the dataset points at is not a regular file.',
  not_the_grantors: "The dataset's file belongs to another user than the one who granted access.",
  not_readable: 'The EPO service account may not read this file: check its permissions.',
  too_many_bytes: 'The file is larger than 10 MiB. Save a smaller cutout.',
  not_one_file: 'The dataset is stored as several files. Put it again as a single PNG or JPEG.',
  zip_not_readable:
    'The dataset lies in a zip that EPO may not read, or that is not what it says. Put the image itself into the collection.',
  bad_metadata:
    'The metadata of this item cannot be published: each chosen column must hold a number, true, false, or one line of at most 1,000 characters.',
  metadata_missing:
    'This item has no zooniverse_metadata with the same data ID, and the export asks for metadata columns.',
  incomplete_subject:
    'Another frame of this subject is refused or missing; a subject is published with all its frames or not at all.',
  too_many_frames: 'The subject has more than 10 frames, which the Zooniverse cannot show.',
  duplicate_frame: 'Another dataset in this export is the same frame of the same subject.',
  no_such_dimension:
    'The data ID of this dataset has no such dimension as was chosen to tell frames apart.'
} as const;

export type ArtifactReasonType = keyof typeof ARTIFACT_REASONS;

export function artifactReason(type: ArtifactReasonType): Reason {
  return { type, msg: ARTIFACT_REASONS[type] };
}
