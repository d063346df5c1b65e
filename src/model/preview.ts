/** The cutouts of one pick: which run and dataset type is looked at, and the pages that are here. */
import { VDomModel } from '@jupyterlab/ui-components';
import type { ButlerApi } from '../api/butler';
import type { Collection, Dataset, DatasetType } from '../api/lab-types';
import { problemOf, toProblem, type Problem } from '../api/problem';
import type { CollectionPick } from '../api/types';
import { runsOf } from '../domain/collections';
import { datasetTypesOf, suggestDatasetType } from '../domain/draft';
import type { CollectionsModel } from './collections';

/** What a preview shows, as it is kept between sessions. */
export interface PreviewTarget {
  /** The lab's label. */
  readonly repository: string;
  readonly pick: CollectionPick;
  readonly run?: string | undefined;
  readonly datasetType?: string | undefined;
}

export class PreviewModel extends VDomModel {
  constructor(
    butler: ButlerApi,
    collections: CollectionsModel,
    target: PreviewTarget,
    usualDatasetType: () => string
  ) {
    super();
    this._butler = butler;
    this._collections = collections;
    this._target = target;
    this._usualDatasetType = usualDatasetType;
    this._collections.stateChanged.connect(this._onCollections);
    this._onCollections();
  }

  get target(): PreviewTarget {
    return this._target;
  }

  /** The runs that the pick covers now. */
  get runs(): readonly Collection[] {
    return runsOf(this._target.pick, this._collections.byName(this._target.repository));
  }

  get run(): string | null {
    const { runs } = this;
    const { run } = this._target;
    return (
      (runs.find(({ name }) => name === run) ?? runs.find(hasDatasets) ?? runs[0])?.name ?? null
    );
  }
  set run(run: string | null) {
    this._retarget({ run: run ?? undefined });
  }

  /** The dataset types of the run that is looked at. */
  get datasetTypes(): readonly DatasetType[] {
    const { run } = this;
    return run === null
      ? []
      : datasetTypesOf(
          [{ name: run, kind: 'run' }],
          this._collections.byName(this._target.repository)
        );
  }

  get datasetType(): string | null {
    const types = this.datasetTypes;
    const chosen = types.find(({ name }) => name === this._target.datasetType)?.name;
    return chosen ?? suggestDatasetType(types, this._usualDatasetType()) ?? types[0]?.name ?? null;
  }
  set datasetType(datasetType: string | null) {
    this._retarget({ datasetType: datasetType ?? undefined });
  }

  /** Those that are here; more come with {@link loadMore}. */
  get datasets(): readonly Dataset[] {
    return this._datasets;
  }

  /** How many there are; `null` where the Butler was not asked to count. */
  get total(): number | null {
    if (this._started && this._next === null && !this._problem) {
      return this._datasets.length;
    }
    return this.datasetTypes.find(({ name }) => name === this.datasetType)?.count ?? null;
  }

  get hasMore(): boolean {
    return !this._started || this._next !== null;
  }

  get loading(): boolean {
    return this._loading;
  }

  /** Why the collections or the next page did not come. */
  get problem(): Problem | null {
    const { repository } = this._target;
    const loaded = this._collections.collections.get(repository);
    if (loaded?.status === 'failed') {
      return loaded.problem;
    }
    if (this._collections.repositories.status === 'failed') {
      return this._collections.repositories.problem;
    }
    if (this._collections.repositories.status === 'ready' && !this._collections.entry(repository)) {
      return problemOf('repository_unknown');
    }
    if (loaded?.status === 'ready' && this.run === null) {
      return problemOf('collection_not_found');
    }
    return this._problem;
  }

  /** Whether the Butler is still being started or asked for its collections. */
  get starting(): boolean {
    const loaded = this._collections.collections.get(this._target.repository);
    return this.problem === null && loaded?.status !== 'ready';
  }

  imageUrl(id: string): string {
    return this._butler.imageUrl(this._target.repository, id);
  }

  async imageProblem(id: string): Promise<Problem | null> {
    return this._butler.imageProblem(this._target.repository, id);
  }

  /** Gets the next page, unless it is on its way. */
  async loadMore(): Promise<void> {
    const { run, datasetType } = this;
    if (this._loading || !this.hasMore || run === null || datasetType === null) {
      return;
    }
    const asked = ++this._asked;
    this._loading = true;
    this._problem = null;
    this.stateChanged.emit();
    try {
      const { repository } = this._target;
      const page = await this._butler.datasets(repository, run, datasetType, this._next);
      if (asked !== this._asked || this.isDisposed) {
        return;
      }
      this._datasets = [...this._datasets, ...page.datasets];
      this._next = page.next;
      this._started = true;
    } catch (error) {
      if (asked !== this._asked || this.isDisposed) {
        return;
      }
      this._problem = toProblem(error);
    }
    this._loading = false;
    this.stateChanged.emit();
  }

  /** Asks again for what failed, or for everything. */
  async retry(): Promise<void> {
    const { repository } = this._target;
    if (this._collections.collections.get(repository)?.status !== 'ready') {
      await this._collections.reload(repository);
    }
    this._reset();
    await this.loadMore();
  }

  override dispose(): void {
    this._collections.stateChanged.disconnect(this._onCollections);
    super.dispose();
  }

  private readonly _onCollections = (): void => {
    this._collections.ensure(this._target.repository);
    this.stateChanged.emit();
    if (!this._started && !this._problem) {
      void this.loadMore();
    }
  };

  private _retarget(change: Partial<PreviewTarget>): void {
    this._target = { ...this._target, ...change };
    this._reset();
    void this.loadMore();
  }

  private _reset(): void {
    this._asked += 1;
    this._datasets = [];
    this._next = null;
    this._started = false;
    this._loading = false;
    this._problem = null;
    this.stateChanged.emit();
  }

  private readonly _butler: ButlerApi;
  private readonly _collections: CollectionsModel;
  private readonly _usualDatasetType: () => string;
  private _target: PreviewTarget;
  private _datasets: readonly Dataset[] = [];
  private _next: string | null = null;
  /** Whether the first page is here. */
  private _started = false;
  private _loading = false;
  private _problem: Problem | null = null;
  private _asked = 0;
}

function hasDatasets({ dataset_types }: Collection): boolean {
  return dataset_types.some(({ count }) => count === null || count > 0);
}
