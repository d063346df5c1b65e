/** The PI's exports, kept fresh while somebody looks or something moves. */
import { VDomModel } from '@jupyterlab/ui-components';
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';
import { ApiError, toProblem, type Problem } from '../api/problem';
import type { ServiceApi, Table } from '../api/service';
import type { Export, ExportAction, ItemList, ItemQuery } from '../api/types';
import { groupOf, isMoving, isNews, type ExportFilter } from '../domain/exports';
import { failed, IDLE, LOADING, ready, valueOf, type Loadable } from '../domain/loadable';

/** Milliseconds between two questions. */
export const INTERVALS = { watchedMoving: 2_000, moving: 10_000, resting: 30_000, max: 300_000 };

export class ExportsModel extends VDomModel {
  constructor(service: ServiceApi) {
    super();
    this._service = service;
    this._poll = new Poll({
      name: 'rsp-epo-export:exports',
      auto: false,
      factory: () => this._fetch(),
      frequency: { interval: INTERVALS.resting, backoff: true, max: INTERVALS.max },
      standby: () => this._standby()
    });
  }

  get exports(): Loadable<readonly Export[]> {
    return this._exports;
  }

  /** Why the list is not fresh; `null` where it is. The last list stays. */
  get staleBecause(): Problem | null {
    return this._stale;
  }

  get hasMore(): boolean {
    return this._nextCursor !== null;
  }

  get filter(): ExportFilter {
    return this._filter;
  }
  set filter(filter: ExportFilter) {
    if (filter !== this._filter) {
      this._filter = filter;
      this.stateChanged.emit();
    }
  }

  /** The export whose details are shown. */
  get openId(): string | null {
    return this._openId;
  }
  set openId(id: string | null) {
    if (id !== this._openId) {
      this._openId = id;
      this.stateChanged.emit();
    }
  }

  /** The export that an action is under way for. */
  get busyId(): string | null {
    return this._busyId;
  }

  /** Why the last action on an export failed. */
  get actionProblem(): { readonly id: string; readonly problem: Problem } | null {
    return this._actionProblem;
  }

  /** An export came into a state that the PI should know of. */
  get settled(): ISignal<this, Export> {
    return this._settled;
  }

  /** Whether any export still goes on by itself, or waits for EPO. */
  get underWay(): boolean {
    return (valueOf(this._exports) ?? []).some(({ state }) => groupOf(state) === 'under_way');
  }

  /** Whether the panel is on the screen: then the list is asked for more often, else only while one moves. */
  set watched(watched: boolean) {
    if (watched === this._watched) {
      return;
    }
    this._watched = watched;
    if (watched && this._started) {
      void this._poll.refresh();
    }
  }

  /** Begins to poll, or asks at once where it polls already. Never throws. */
  async refresh(): Promise<void> {
    if (this._exports.status !== 'ready') {
      this._exports = LOADING;
      this.stateChanged.emit();
    }
    this._started = true;
    this._wanted = true;
    await this._poll.refresh();
    await this._poll.tick.catch(() => undefined); // The factory told the problem already.
  }

  /** Adds the next page of older exports. */
  async loadMore(): Promise<void> {
    if (this._nextCursor === null) {
      return;
    }
    try {
      const page = await this._service.exports(this._nextCursor);
      this._nextCursor = page.next_cursor;
      this._older = [...this._older, ...page.exports];
      this._merge(valueOf(this._exports) ?? []);
    } catch (error) {
      this._stale = toProblem(error);
    }
    this.stateChanged.emit();
  }

  /** Cancels, retries or withdraws. `actionProblem` says why it failed. */
  async act(id: string, action: ExportAction): Promise<void> {
    this._busyId = id;
    this._actionProblem = null;
    this.stateChanged.emit();
    try {
      this.put(await this._service.act(id, action));
    } catch (error) {
      this._actionProblem = { id, problem: toProblem(error) };
    }
    this._busyId = null;
    this.stateChanged.emit();
    await this.refresh();
  }

  /** A page of an export's items. Bound, so that views can hand it on. @throws ApiError */
  readonly items = (exportId: string, query: ItemQuery): Promise<ItemList> =>
    this._service.items(exportId, query);

  /** A table of an export as CSV; `null` where that failed, and then `actionProblem` says why. */
  async table(id: string, table: Table): Promise<string | null> {
    this._actionProblem = null;
    try {
      return await this._service.table(id, table);
    } catch (error) {
      this._actionProblem = { id, problem: toProblem(error) };
      return null;
    } finally {
      this.stateChanged.emit();
    }
  }

  /** Takes up an export that is newer than the list, such as one just submitted. */
  put(changed: Export): void {
    this._asked += 1; // An answer that is on its way is older than this.
    const list = valueOf(this._exports) ?? [];
    const known = list.some(({ id }) => id === changed.id);
    this._merge(
      known ? list.map(one => (one.id === changed.id ? changed : one)) : [changed, ...list]
    );
    this.stateChanged.emit();
  }

  override dispose(): void {
    this._poll.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  private async _fetch(): Promise<void> {
    this._wanted = false;
    const asked = ++this._asked;
    try {
      const page = await this._service.exports();
      if (asked !== this._asked) {
        return;
      }
      if (!this._older.length) {
        this._nextCursor = page.next_cursor;
      }
      this._stale = null;
      this._merge(page.exports);
      this._setPace();
    } catch (error) {
      const problem = toProblem(error);
      this._stale = problem;
      if (this._exports.status !== 'ready') {
        this._exports = failed(problem);
      }
      this._notBefore = Date.now() + (problem.retryAfter ?? 0) * 1000;
      this._setPace();
      throw error instanceof ApiError ? error : new Error(problem.details[0].msg); // The poll backs off.
    } finally {
      if (!this.isDisposed) {
        this.stateChanged.emit();
      }
    }
  }

  /** Newest first, each export once, in its newest form; tells of what settled since the last time. */
  private _merge(newest: readonly Export[]): void {
    const before = new Map((valueOf(this._exports) ?? []).map(one => [one.id, one.state]));
    const ids = new Set(newest.map(({ id }) => id));
    const list = [...newest, ...this._older.filter(({ id }) => !ids.has(id))];
    this._exports = ready(list);
    for (const one of list) {
      const state = before.get(one.id);
      if (state !== undefined && state !== one.state && isNews(one.state)) {
        this._settled.emit(one);
      }
    }
  }

  private _setPace(): void {
    const { moving, resting, watchedMoving, max } = INTERVALS;
    const interval = this._moving ? (this._watched ? watchedMoving : moving) : resting;
    this._poll.frequency = { interval, backoff: true, max };
  }

  private _standby(): boolean | Poll.Standby {
    if (this._wanted) {
      return 'never';
    }
    if (Date.now() < this._notBefore) {
      return true;
    }
    return this._watched || this.underWay ? 'when-hidden' : true;
  }

  private get _moving(): boolean {
    return (valueOf(this._exports) ?? []).some(isMoving);
  }

  private readonly _service: ServiceApi;
  private readonly _poll: Poll<void>;
  private readonly _settled = new Signal<this, Export>(this);
  private _exports: Loadable<readonly Export[]> = IDLE;
  private _older: readonly Export[] = [];
  private _nextCursor: string | null = null;
  private _stale: Problem | null = null;
  private _filter: ExportFilter = 'all';
  private _openId: string | null = null;
  private _busyId: string | null = null;
  private _actionProblem: { readonly id: string; readonly problem: Problem } | null = null;
  private _watched = false;
  private _started = false;
  /** Somebody asked for it: ask the service even where nobody watches. */
  private _wanted = false;
  private _asked = 0;
  /** The platform asked for peace until then, in milliseconds since 1970. */
  private _notBefore = 0;
}
