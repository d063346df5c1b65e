/** The panel's whole model: its parts, which of them is shown, and what survives a reload. */
import type { ServerConnection } from '@jupyterlab/services';
import { VDomModel } from '@jupyterlab/ui-components';
import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';
import { ButlerApi } from '../api/butler';
import { LabClient } from '../api/lab';
import { ServiceApi } from '../api/service';
import type { DatasetType } from '../api/lab-types';
import type { CollectionPick, Export } from '../api/types';
import { countOf, runsOf } from '../domain/collections';
import {
  datasetTypesOf,
  obstaclesOf,
  suggestDatasetType,
  type CompleteDraft,
  type Draft,
  type Obstacle
} from '../domain/draft';
import type { GrantState } from '../domain/grants';
import { valueOf } from '../domain/loadable';
import { repositoryId, treeRows, type TreeRow } from '../domain/tree';
import type { IExportModel, PickRequest, Tab } from '../tokens';
import { CollectionsModel } from './collections';
import { DimensionsModel } from './dimensions';
import { DraftModel } from './draft';
import { ExportsModel } from './exports';
import { GrantsModel } from './grants';
import { MessagesModel } from './messages';
import { PreviewModel, type PreviewTarget } from './preview';
import { ProjectsModel } from './projects';
import { RemovalModel } from './removal';
import { SessionModel } from './session';
import { DEFAULT_SETTINGS, type Settings } from './settings';
import { uiStateCheck, type StateStore, type UiState } from './ui-state';

export interface ExportModelOptions {
  readonly serverSettings: ServerConnection.ISettings;
  /** Without one, nothing survives a reload. */
  readonly store?: StateStore | undefined;
}

export class ExportModel extends VDomModel implements IExportModel {
  constructor({ serverSettings, store }: ExportModelOptions) {
    super();
    const lab = new LabClient(serverSettings);
    const service = new ServiceApi(lab);
    this._store = store;
    this._butler = new ButlerApi(lab);
    this.session = new SessionModel(this._butler, service);
    this.collections = new CollectionsModel(this._butler, service);
    this.grants = new GrantsModel(service);
    this.projects = new ProjectsModel(service);
    this.exports = new ExportsModel(service);
    this.messages = new MessagesModel(service);
    this.removal = new RemovalModel(this._butler, this.collections);
    this.dimensions = new DimensionsModel(this._butler);
    this.draft = new DraftModel(service, this.collections, draft => this._typeFor(draft));
    this._saveSoon = new Debouncer(() => this._save(), SAVE_DELAY);
    for (const part of this._parts) {
      part.stateChanged.connect(this._onChange);
    }
    this.exports.settled.connect((_, settled) => {
      this._exportSettled.emit(settled);
      void this.messages.refresh();
    });
  }

  readonly session: SessionModel;
  readonly collections: CollectionsModel;
  readonly grants: GrantsModel;
  readonly projects: ProjectsModel;
  readonly draft: DraftModel;
  readonly exports: ExportsModel;
  readonly messages: MessagesModel;
  readonly removal: RemovalModel;
  readonly dimensions: DimensionsModel;

  get tab(): Tab {
    return this._tab;
  }

  get picks(): readonly CollectionPick[] {
    return this.draft.draft.collections;
  }

  get recentExports(): readonly Export[] {
    return valueOf(this.exports.exports) ?? [];
  }

  get exportSettled(): ISignal<this, Export> {
    return this._exportSettled;
  }

  get settings(): Settings {
    return this._settings;
  }
  set settings(settings: Settings) {
    this._settings = settings;
    this._onChange();
  }

  get hintClosed(): boolean {
    return this._hintClosed;
  }
  set hintClosed(closed: boolean) {
    this._hintClosed = closed;
    this._onChange();
  }

  /** The rows of the tree of collections. */
  get treeRows(): readonly TreeRow[] {
    const { collections, draft, grants, session } = this;
    return treeRows({
      repositories: valueOf(collections.repositories) ?? [],
      collections: collections.collections,
      me: session.identity,
      isExpanded: collections.isExpanded,
      search: collections.search.trim(),
      ownOnly: collections.ownOnly,
      pickedRepository: draft.draft.repository,
      picks: draft.draft.collections,
      grantStateOf: (repository, pick) => grants.stateOf(repository.serviceLabel ?? null, pick)
    });
  }

  /** The draft's picks, each with EPO's leave to read it. */
  get picksWithGrants(): readonly { readonly pick: CollectionPick; readonly grant: GrantState }[] {
    const { collections, serviceRepository } = this.draft.complete;
    return collections.map(pick => ({ pick, grant: this.grants.stateOf(serviceRepository, pick) }));
  }

  /** The dataset types that the draft's picks hold. */
  get datasetTypes(): readonly DatasetType[] {
    const { collections, repository } = this.draft.draft;
    return datasetTypesOf(collections, this.collections.byName(repository));
  }

  /** What still keeps the draft from being submitted. */
  get obstacles(): readonly Obstacle[] {
    const { complete, preflight } = this.draft;
    const granted = this.picksWithGrants.every(({ grant }) => grant.state === 'live');
    const limit = this.projects.find(complete.projectId)?.object_limit ?? null;
    return obstaclesOf(complete, granted, limit, preflight);
  }

  show(tab: Tab, exportId?: string): void {
    this._tab = tab;
    if (exportId !== undefined) {
      this.exports.filter = 'all';
      this.exports.openId = exportId;
    }
    this._onChange();
  }

  /** Shows a collection in the tree, by a search for its name. */
  reveal(repository: string, collection: string): void {
    this.collections.setExpanded(repositoryId(repository), true);
    this.collections.search = collection;
    this.show('collections');
  }

  pick({ repository, collections, datasetType }: PickRequest): void {
    this.collections.ensure(repository);
    this.draft.pick(repository, collections);
    if (datasetType !== undefined) {
      this.draft.update({ datasetType });
    }
  }

  /** Connects when first needed; later calls return the same promise. */
  async connect(): Promise<void> {
    this._connected ??= this._connect();
    return this._connected;
  }

  /** Asks everything again, from the lab's status on. Never throws: the parts tell what failed. */
  async refresh(): Promise<void> {
    this._connected = this._connect();
    return this._connected;
  }

  /** Submits the draft and shows where it went. */
  async submit(): Promise<void> {
    const taken = await this.draft.submit();
    if (taken) {
      this.exports.put(taken);
      this.show('exports', taken.id);
      await this.exports.refresh();
    }
  }

  /** Shows an export, and what would be removed of it. */
  async lookAtRemoval(exportId: string): Promise<void> {
    this.show('exports', exportId);
    const exported = this.recentExports.find(({ id }) => id === exportId);
    if (exported) {
      await this.removal.look(exported);
    }
  }

  /** A model for one preview; whoever asks for it disposes it. */
  preview(target: PreviewTarget): PreviewModel {
    void this.connect();
    return new PreviewModel(
      this._butler,
      this.collections,
      target,
      () => this._settings.datasetType
    );
  }

  /**
   * Takes up what was kept of an earlier session; nothing where there is none, or one of another version.
   *
   * @returns whether exports were under way then.
   */
  async restore(): Promise<boolean> {
    let state: UiState | null = null;
    try {
      const kept = await this._store?.fetch();
      state = kept === undefined || kept === null ? null : uiStateCheck(kept, 'state');
    } catch {
      state = null; // What cannot be read is not worth an error: the panel starts empty.
    }
    this._restored = true;
    if (!state) {
      return false;
    }
    this._tab = state.tab;
    this._hintClosed = state.hintClosed;
    this.collections.restore(state.tree);
    this.exports.filter = state.filter;
    this.draft.restore(state.draft, state.attempt);
    this.messages.restore(state.seenMessage ?? null);
    return state.following;
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._saveSoon.dispose();
    for (const part of this._parts) {
      part.stateChanged.disconnect(this._onChange);
      part.dispose();
    }
    Signal.clearData(this);
    super.dispose();
  }

  private async _connect(): Promise<void> {
    await this.session.connect();
    const me = valueOf(this.session.me);
    const ofService = me
      ? [this.grants.load(), this.projects.load(), this.exports.refresh(), this.messages.refresh()]
      : [];
    const ofButler =
      this.session.lab.status === 'ready'
        ? [this.collections.load(this.session.identity, me !== null)]
        : [];
    await Promise.all([...ofService, ...ofButler]);
    const { repository } = this.draft.draft;
    if (repository !== null) {
      this.collections.ensure(repository);
    }
  }

  private _typeFor({ collections, repository }: Draft): string | null {
    const types = datasetTypesOf(collections, this.collections.byName(repository));
    return suggestDatasetType(types, this._settings.datasetType);
  }

  private readonly _onChange = (): void => {
    this._recheckDraft();
    this.stateChanged.emit();
    if (this._restored && this._store) {
      void this._saveSoon.invoke();
    }
  };

  /** What the service says to the draft depends on grants and on what the collections hold, too. */
  private _recheckDraft(): void {
    const { complete } = this.draft;
    const basis = JSON.stringify([
      complete.serviceRepository,
      complete.datasetType,
      this.picksWithGrants.map(({ grant }) => grant.state)
    ]);
    if (basis !== this._draftBasis) {
      this._draftBasis = basis;
      this.draft.checkSoon();
    }
    void this.dimensions.look(complete.repository, this._sampleRun(complete), complete.datasetType);
  }

  /** A run of the draft that has datasets to look at. */
  private _sampleRun({ repository, collections, datasetType }: CompleteDraft): string | null {
    const byName = this.collections.byName(repository);
    const runs = collections.flatMap(pick => runsOf(pick, byName));
    return runs.find(run => (countOf(run, datasetType) ?? 1) > 0)?.name ?? null;
  }

  private async _save(): Promise<void> {
    await this._store?.save({
      tab: this._tab,
      tree: this.collections.state,
      draft: this.draft.draft,
      attempt: this.draft.attempt,
      filter: this.exports.filter,
      hintClosed: this._hintClosed,
      following: this.exports.underWay,
      ...(this.messages.seen !== null && { seenMessage: this.messages.seen })
    });
  }

  private get _parts(): readonly VDomModel[] {
    return [
      this.session,
      this.collections,
      this.grants,
      this.projects,
      this.draft,
      this.exports,
      this.messages,
      this.removal,
      this.dimensions
    ];
  }

  private readonly _butler: ButlerApi;
  private readonly _store: StateStore | undefined;
  private readonly _saveSoon: Debouncer;
  private readonly _exportSettled = new Signal<this, Export>(this);
  private _tab: Tab = 'collections';
  private _settings = DEFAULT_SETTINGS;
  private _hintClosed = false;
  private _connected: Promise<void> | null = null;
  private _restored = false;
  private _draftBasis = '';
}

/** Milliseconds after the last change. */
const SAVE_DELAY = 300;
