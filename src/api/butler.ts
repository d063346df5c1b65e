/** The Butler as this lab's user sees it; see `docs/lab-routes.md`. */
import {
  flag,
  listOf,
  mapOf,
  nullable,
  object,
  text,
  textOrWhole,
  whole,
  wordOf,
  type Check
} from './json';
import { checked, type LabClient } from './lab';
import type {
  Collection,
  CollectionType,
  DatasetPage,
  LabRepository,
  LabStatus,
  RemovalOutcome,
  RemovalPlan,
  RunFate,
  RepositorySource,
  Owner
} from './lab-types';
import { toProblem, type Problem } from './problem';

/** Datasets a page; at 100 the Butler answers in some 20 ms. */
export const PAGE_SIZE = 100;

export class ButlerApi {
  constructor(lab: LabClient) {
    this._lab = lab;
  }

  /** Which parts work. Never fails because a part does not; starts nothing slow. */
  async status(): Promise<LabStatus> {
    return this._lab.get(statusCheck, 'status', { no_track_activity: 1 });
  }

  /** The repositories that the lab knows, by label. */
  async repositories(): Promise<readonly LabRepository[]> {
    return (await this._lab.get(repositoriesCheck, 'butler/repositories')).repositories;
  }

  /**
   * Every collection of a repository. The first call starts its Butler, which takes some seconds.
   *
   * @param countPrefixes - only collections whose names begin with one of these are counted.
   */
  async collections(
    repository: string,
    countPrefixes: readonly string[]
  ): Promise<readonly Collection[]> {
    const query = { repository, count_prefix: countPrefixes.slice(0, MAX_COUNT_PREFIXES) };
    return (await this._lab.get(collectionsCheck, 'butler/collections', query)).collections;
  }

  /** One page of a run, by data ID. `after` is the last page's `next`. */
  async datasets(
    repository: string,
    run: string,
    datasetType: string,
    after: string | null,
    limit = PAGE_SIZE
  ): Promise<DatasetPage> {
    return this._lab.get(datasetsCheck, 'butler/datasets', {
      repository,
      run,
      dataset_type: datasetType,
      limit,
      after: after ?? undefined
    });
  }

  /** Where an `<img>` finds a dataset's picture. */
  imageUrl(repository: string, id: string): string {
    return this._lab.url('butler/image', { repository, id });
  }

  /** Why a picture did not load: an `<img>` cannot tell. `null` where it loads now. */
  async imageProblem(repository: string, id: string): Promise<Problem | null> {
    try {
      await this._lab.send(this.imageUrl(repository, id));
      return null;
    } catch (error) {
      return toProblem(error);
    }
  }

  /** What would be removed of a public export, and what would stay. */
  async removalPlan(repository: string, exportId: string): Promise<RemovalPlan> {
    const query = { repository, export_id: exportId };
    return this._lab.get(removalPlanCheck, 'butler/removal', query);
  }

  /** Does what a plan says, unless something changed since. */
  async remove(repository: string, exportId: string, plan: string): Promise<RemovalOutcome> {
    const response = await this._lab.send(this._lab.url('butler/removal'), {
      method: 'POST',
      body: JSON.stringify({ repository, export_id: exportId, plan })
    });
    return checked(removalOutcomeCheck, await response.text());
  }

  private readonly _lab: LabClient;
}

/** The route takes no more; a PI of more than 19 groups sees the rest uncounted. */
const MAX_COUNT_PREFIXES = 20;

const partError = nullable(object({ type: text, msg: text }));

const statusCheck: Check<LabStatus> = object({
  butler: object({ ok: flag, error: partError }),
  service: object({ ok: flag, url: nullable(text), error: partError }),
  user: nullable(text)
});

const sourceCheck = wordOf<RepositorySource>({
  setting: true,
  environment: true,
  discovery_file: true,
  repertoire: true,
  repository_index: true
});

const repositoriesCheck = object({
  repositories: listOf(object({ label: text, uri: text, source: sourceCheck, read_only: flag }))
});

const ownerCheck: Check<Owner> = object({
  kind: wordOf<Owner['kind']>({ user: true, group: true }),
  name: text
});

const collectionCheck: Check<Collection> = object({
  name: text,
  type: wordOf<CollectionType>({ RUN: true, CHAINED: true, TAGGED: true, CALIBRATION: true }),
  owner: nullable(ownerCheck),
  children: listOf(text),
  dataset_types: listOf(object({ name: text, storage_class: text, count: nullable(whole) }))
});

const collectionsCheck = object({ collections: listOf(collectionCheck) });

const datasetsCheck: Check<DatasetPage> = object({
  datasets: listOf(object({ id: text, data_id: mapOf(textOrWhole) })),
  next: nullable(text)
});

const removalPlanCheck: Check<RemovalPlan> = object({
  plan: text,
  count: whole,
  runs: listOf(
    object({
      run: text,
      count: whole,
      gone: whole,
      stays: listOf(object({ dataset_type: text, count: whole }))
    })
  )
});

const removalOutcomeCheck: Check<RemovalOutcome> = object({
  removed: whole,
  gone: whole,
  kept: whole,
  runs: listOf(
    object({
      run: text,
      fate: wordOf<RunFate>({
        removed: true,
        not_empty: true,
        in_anothers_chain: true,
        gone: true
      })
    })
  )
});
