/** The submission that the PI is putting together, before it is sent. */
import { listOf, nullable, object, text, wordOf, type Check } from '../api/json';
import type { Collection, DatasetType } from '../api/lab-types';
import type {
  CollectionPick,
  ExportCreate,
  PickKind,
  Preflight,
  PreflightReport
} from '../api/types';
import { runsOf } from './collections';
import type { Loadable } from './loadable';

export interface Draft {
  /** The lab's label; `null` while nothing is picked. */
  readonly repository: string | null;
  readonly collections: readonly CollectionPick[];
  /** `null`: the panel's suggestion. */
  readonly datasetType: string | null;
  readonly projectId: string | null;
  /** `null`: the panel's suggestion. */
  readonly subjectSet: string | null;
  readonly metadataColumns: readonly string[];
  readonly frameDimension: string | null;
}

export const EMPTY_DRAFT: Draft = {
  repository: null,
  collections: [],
  datasetType: null,
  projectId: null,
  subjectSet: null,
  metadataColumns: [],
  frameDimension: null
};

export const draftCheck: Check<Draft> = object({
  repository: nullable(text),
  collections: listOf(
    object({ name: text, kind: wordOf<PickKind>({ run: true, chain: true, prefix: true }) })
  ),
  datasetType: nullable(text),
  projectId: nullable(text),
  subjectSet: nullable(text),
  metadataColumns: listOf(text),
  frameDimension: nullable(text)
});

/** What `rsp_epo_export`'s formatter writes. */
const CUTOUT_STORAGE_CLASS = 'CutoutImage';

/** The dataset types of all runs that the picks cover, those of cutouts first; counts added up. */
export function datasetTypesOf(
  picks: readonly CollectionPick[],
  byName: ReadonlyMap<string, Collection>
): readonly DatasetType[] {
  const runs = new Map(
    picks.flatMap(pick => runsOf(pick, byName)).map(run => [run.name, run] as const)
  );
  const types = new Map<string, DatasetType>();
  for (const type of [...runs.values()].flatMap(run => run.dataset_types)) {
    const before = types.get(type.name);
    const count =
      before === undefined
        ? type.count
        : before.count === null || type.count === null
          ? null
          : before.count + type.count;
    types.set(type.name, { ...type, count });
  }
  return [...types.values()].sort(
    (one, other) =>
      Number(isCutout(other)) - Number(isCutout(one)) || one.name.localeCompare(other.name)
  );
}

/** The dataset type to begin with: the PI's usual one where it is there, else one of cutouts. */
export function suggestDatasetType(types: readonly DatasetType[], usual: string): string | null {
  return (types.find(({ name }) => name === usual) ?? types.find(isCutout))?.name ?? null;
}

/** The last part of the first collection's name: `zooniverse-1` for `u/alien/zooniverse-1`. */
export function suggestSubjectSet(picks: readonly CollectionPick[]): string {
  return picks[0]?.name.split('/').at(-1) ?? '';
}

/** What the service takes as one line of text (`Line` in `service/src/http/schemas.ts`). */
export const SUBJECT_SET_MAX = 100;

export type ColumnMistake = 'characters' | 'reserved' | 'length' | 'twice';

/**
 * What is wrong with the name of a metadata column, else `null`. The Zooniverse cuts a header at each colon and
 * keeps `#priority` to itself (`panoptes:app/models/subject_set_import/csv_import.rb`).
 */
export function columnMistake(name: string, others: readonly string[]): ColumnMistake | null {
  if (name.length === 0 || name.length > 100) {
    return 'length';
  }
  if (/[\p{Cc}\u2028\u2029:,"]/u.test(name)) {
    return 'characters';
  }
  if (name === '#priority') {
    return 'reserved';
  }
  return others.includes(name) ? 'twice' : null;
}

/** What still keeps the draft from being sent. */
export type Obstacle =
  | 'no_collections'
  | 'repository_unknown'
  | 'no_dataset_type'
  | 'no_grant'
  | 'no_project'
  | 'no_subject_set'
  | 'over_limit'
  | 'not_checked'
  | 'has_problems';

/** A draft with the panel's suggestions filled in. */
export interface CompleteDraft extends Draft {
  readonly serviceRepository: string | null;
  readonly datasetType: string | null;
  readonly subjectSet: string;
}

/** @param objectLimit - of the chosen project; `null` where it is not known. */
export function obstaclesOf(
  draft: CompleteDraft,
  everyPickGranted: boolean,
  objectLimit: number | null,
  preflight: Loadable<PreflightReport>
): readonly Obstacle[] {
  if (!draft.collections.length) {
    return ['no_collections'];
  }
  const obstacles: Obstacle[] = [];
  const add = (wrong: boolean, obstacle: Obstacle) => wrong && obstacles.push(obstacle);
  add(draft.serviceRepository === null, 'repository_unknown');
  add(draft.datasetType === null, 'no_dataset_type');
  add(!everyPickGranted, 'no_grant');
  add(draft.projectId === null, 'no_project');
  add(draft.subjectSet.trim() === '', 'no_subject_set');
  if (!obstacles.length) {
    add(preflight.status !== 'ready', 'not_checked');
    if (preflight.status === 'ready') {
      add(!preflight.value.ok, 'has_problems');
      add(objectLimit !== null && preflight.value.total > objectLimit, 'over_limit');
    }
  }
  return obstacles;
}

/** What to ask the service about before the click; `null` while the draft does not name enough. */
export function preflightOf(draft: CompleteDraft): Preflight | null {
  if (!draft.collections.length || draft.serviceRepository === null || draft.datasetType === null) {
    return null;
  }
  return {
    repository: draft.serviceRepository,
    collections: [...draft.collections],
    dataset_type: draft.datasetType,
    metadata_columns: [...draft.metadataColumns],
    ...(draft.frameDimension !== null && { frame_dimension: draft.frameDimension })
  };
}

/** What to submit; `null` while something is missing. */
export function submissionOf(draft: CompleteDraft): ExportCreate | null {
  const preflight = preflightOf(draft);
  const subjectSet = draft.subjectSet.trim();
  if (!preflight || draft.projectId === null || !subjectSet) {
    return null;
  }
  return { ...preflight, project_id: draft.projectId, subject_set: subjectSet };
}

function isCutout({ storage_class }: DatasetType): boolean {
  return storage_class === CUTOUT_STORAGE_CLASS;
}
