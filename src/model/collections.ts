/** The repositories of this lab and their collections, and which of them the tree shows. */
import { VDomModel } from '@jupyterlab/ui-components';
import type { ButlerApi } from '../api/butler';
import type { Collection, LabRepository } from '../api/lab-types';
import { toProblem } from '../api/problem';
import type { ServiceApi } from '../api/service';
import type { ServiceRepository } from '../api/types';
import { ownPrefixes, type Identity } from '../domain/collections';
import { failed, IDLE, LOADING, ready, valueOf, type Loadable } from '../domain/loadable';
import { repositoryId, type RepositoryEntry } from '../domain/tree';

/** What is kept of the tree between sessions. */
export interface TreeState {
  readonly search: string;
  readonly ownOnly: boolean;
  readonly expanded: readonly string[];
  readonly collapsed: readonly string[];
}

export class CollectionsModel extends VDomModel {
  constructor(butler: ButlerApi, service: ServiceApi) {
    super();
    this._butler = butler;
    this._service = service;
  }

  /** The lab's repositories, those first that EPO can export from. */
  get repositories(): Loadable<readonly RepositoryEntry[]> {
    return this._repositories;
  }

  /** By the repository's label; what was never expanded is not here. */
  get collections(): ReadonlyMap<string, Loadable<readonly Collection[]>> {
    return this._collections;
  }

  get search(): string {
    return this._search;
  }
  set search(search: string) {
    if (search !== this._search) {
      this._search = search;
      this.stateChanged.emit();
    }
  }

  /** Whether collections of others are left out. */
  get ownOnly(): boolean {
    return this._ownOnly;
  }
  set ownOnly(ownOnly: boolean) {
    if (ownOnly !== this._ownOnly) {
      this._ownOnly = ownOnly;
      this.stateChanged.emit();
    }
  }

  readonly isExpanded = (id: string, byDefault: boolean): boolean =>
    this._expanded.has(id) || (byDefault && !this._collapsed.has(id));

  /** Expands or collapses a row; expanding a repository asks for its collections. */
  setExpanded(id: string, expanded: boolean): void {
    (expanded ? this._expanded : this._collapsed).add(id);
    (expanded ? this._collapsed : this._expanded).delete(id);
    this.stateChanged.emit();
    this._loadExpanded();
  }

  entry(label: string | null): RepositoryEntry | null {
    return valueOf(this._repositories)?.find(entry => entry.label === label) ?? null;
  }

  /** What the lab calls the repository that EPO calls so; `null` where it has none of that name. */
  labelOf(serviceLabel: string): string | null {
    const all = valueOf(this._repositories) ?? [];
    return all.find(entry => entry.serviceLabel === serviceLabel)?.label ?? null;
  }

  /** The collections of a repository by name; empty while they are not here. */
  byName(label: string | null): ReadonlyMap<string, Collection> {
    const loaded = label === null ? undefined : this._collections.get(label);
    if (loaded?.status !== 'ready') {
      return NONE;
    }
    let index = this._indices.get(loaded.value);
    if (!index) {
      index = new Map(loaded.value.map(collection => [collection.name, collection]));
      this._indices.set(loaded.value, index);
    }
    return index;
  }

  /**
   * Asks for everything again.
   *
   * @param me - whose collections are to be counted; `null` where that is not known.
   * @param withService - whether the service answers, so that it can say from where it exports.
   */
  async load(me: Identity | null, withService: boolean): Promise<void> {
    this._me = me;
    this._collections.clear();
    this._repositories = LOADING;
    this.stateChanged.emit();
    const [ofLab, ofService] = await Promise.allSettled([
      this._butler.repositories(),
      withService ? this._service.repositories() : Promise.resolve(undefined)
    ]);
    if (this.isDisposed) {
      return;
    }
    if (ofLab.status === 'rejected') {
      this._repositories = failed(toProblem(ofLab.reason));
    } else {
      const known = ofService.status === 'fulfilled' ? ofService.value : undefined;
      this._repositories = ready(entriesOf(ofLab.value, known));
    }
    this._expandTheOnlyOne();
    this.stateChanged.emit();
    this._loadExpanded();
  }

  /** Asks for the collections of one repository again. */
  async reload(label: string): Promise<void> {
    this._collections.set(label, LOADING);
    this.stateChanged.emit();
    let loaded: Loadable<readonly Collection[]>;
    try {
      loaded = ready(await this._butler.collections(label, ownPrefixes(this._me)));
    } catch (error) {
      loaded = failed(toProblem(error));
    }
    this._collections.set(label, loaded);
    this.stateChanged.emit();
  }

  /** Makes sure that a repository's collections are here or on their way. */
  ensure(label: string): void {
    if (this.entry(label) && !this._collections.has(label)) {
      void this.reload(label);
    }
  }

  get state(): TreeState {
    return {
      search: this._search,
      ownOnly: this._ownOnly,
      expanded: [...this._expanded],
      collapsed: [...this._collapsed]
    };
  }

  restore(state: TreeState): void {
    this._search = state.search;
    this._ownOnly = state.ownOnly;
    this._expanded = new Set(state.expanded);
    this._collapsed = new Set(state.collapsed);
    this.stateChanged.emit();
  }

  /** A PI with one place to export from should see its collections at once. */
  private _expandTheOnlyOne(): void {
    const all = valueOf(this._repositories) ?? [];
    const exportable = all.filter(({ serviceLabel }) => serviceLabel);
    const [only, another] = exportable.length ? exportable : all;
    if (only && !another && !this._collapsed.has(repositoryId(only.label))) {
      this._expanded.add(repositoryId(only.label));
    }
  }

  private _loadExpanded(): void {
    for (const { label } of valueOf(this._repositories) ?? []) {
      if (this.isExpanded(repositoryId(label), false)) {
        this.ensure(label);
      }
    }
  }

  private readonly _butler: ButlerApi;
  private readonly _service: ServiceApi;
  private _me: Identity | null = null;
  private _repositories: Loadable<readonly RepositoryEntry[]> = IDLE;
  private readonly _collections = new Map<string, Loadable<readonly Collection[]>>();
  private readonly _indices = new WeakMap<readonly Collection[], Map<string, Collection>>();
  private _search = '';
  private _ownOnly = false;
  private _expanded = new Set<string>();
  private _collapsed = new Set<string>();
}

const NONE: ReadonlyMap<string, Collection> = new Map();

/** Lab and service may call one repository by different names, or two by the same: the label decides. */
function entriesOf(
  ofLab: readonly LabRepository[],
  ofService: readonly ServiceRepository[] | undefined
): readonly RepositoryEntry[] {
  const entries = ofLab.map(({ label, uri, source, read_only: readOnly }) => ({
    label,
    uri,
    source,
    readOnly,
    serviceLabel:
      ofService &&
      (
        ofService.find(other => other.label === label) ??
        ofService.find(other => trimmed(other.uri) === trimmed(uri))
      )?.label
  }));
  return entries
    .map(entry => ({
      ...entry,
      serviceLabel: ofService ? (entry.serviceLabel ?? null) : undefined
    }))
    .sort((one, other) => Number(other.serviceLabel != null) - Number(one.serviceLabel != null));
}

function trimmed(uri: string): string {
  return uri.replace(/^file:\/\//, '').replace(/\/+$/, '');
}
