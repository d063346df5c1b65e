/** What the server extension's own routes answer; `docs/lab-routes.md` is their source. */

/** One reason for which a part does not work: a code for programs, a sentence for the PI. */
export interface PartError {
  readonly type: string;
  readonly msg: string;
}

/** `GET status`. */
export interface LabStatus {
  readonly butler: { readonly ok: boolean; readonly error: PartError | null };
  readonly service: {
    readonly ok: boolean;
    readonly url: string | null;
    readonly error: PartError | null;
  };
  readonly user: string | null;
}

/** Who named a repository, in the words of `docs/discovery.md`. */
export type RepositorySource =
  'setting' | 'environment' | 'discovery_file' | 'repertoire' | 'repository_index';

/** A Butler repository that the lab can open. */
export interface LabRepository {
  readonly label: string;
  readonly uri: string;
  readonly source: RepositorySource;
  /** Whether it is known to be a Butler server's, to which no PI can write. */
  readonly read_only: boolean;
}

export type CollectionType = 'RUN' | 'CHAINED' | 'TAGGED' | 'CALIBRATION';

/** Whose collection it is by its name: `u/<user>/…` or `g/<group>/…`. */
export interface Owner {
  readonly kind: 'user' | 'group';
  readonly name: string;
}

export interface DatasetType {
  readonly name: string;
  readonly storage_class: string;
  /** How many datasets; `null` where the Butler was not asked to count. */
  readonly count: number | null;
}

export interface Collection {
  readonly name: string;
  readonly type: CollectionType;
  readonly owner: Owner | null;
  /** A chain's members, in the chain's order. */
  readonly children: readonly string[];
  readonly dataset_types: readonly DatasetType[];
}

/** What one run would lose, and what would stay in it. */
export interface RunRemoval {
  readonly run: string;
  readonly count: number;
  /** Published ones that are not there any more. */
  readonly gone: number;
  readonly stays: readonly { readonly dataset_type: string; readonly count: number }[];
}

/** `GET butler/removal`. */
export interface RemovalPlan {
  /** Given back with the order to do it. */
  readonly plan: string;
  readonly count: number;
  readonly runs: readonly RunRemoval[];
}

export type RunFate = 'removed' | 'not_empty' | 'in_anothers_chain' | 'gone';

/** `POST butler/removal`. */
export interface RemovalOutcome {
  readonly removed: number;
  readonly gone: number;
  /** Their files are not what was retrieved, or cannot be read. */
  readonly kept: number;
  readonly runs: readonly { readonly run: string; readonly fate: RunFate }[];
}

/** Dimension name → value. Integers beyond 2^53 come as their digits: show, don't compute. */
export type DataId = Readonly<Record<string, string | number>>;

export interface Dataset {
  readonly id: string;
  readonly data_id: DataId;
}

export interface DatasetPage {
  readonly datasets: readonly Dataset[];
  /** The cursor of the next page; `null` at the end. */
  readonly next: string | null;
}
