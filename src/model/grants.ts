/** The leave that the PI gave EPO to read collections. */
import { VDomModel } from '@jupyterlab/ui-components';
import { toProblem, type Problem } from '../api/problem';
import type { ServiceApi } from '../api/service';
import type { CollectionPick, Grant } from '../api/types';
import { grantStateOf, type GrantState } from '../domain/grants';
import { failed, IDLE, LOADING, ready, valueOf, type Loadable } from '../domain/loadable';

export class GrantsModel extends VDomModel {
  constructor(service: ServiceApi) {
    super();
    this._service = service;
  }

  get grants(): Loadable<readonly Grant[]> {
    return this._grants;
  }

  /** Whether a grant is being given or taken back. */
  get busy(): boolean {
    return this._busy;
  }

  /** Why the last change failed; `null` where it did not. */
  get problem(): Problem | null {
    return this._problem;
  }

  /** @param repository - the service's label; `null` where it has none. */
  stateOf(repository: string | null, pick: CollectionPick): GrantState {
    return repository === null
      ? { state: 'none' }
      : grantStateOf(valueOf(this._grants) ?? [], repository, pick, Date.now());
  }

  async load(): Promise<void> {
    if (this._grants.status !== 'ready') {
      this._grants = LOADING;
      this.stateChanged.emit();
    }
    try {
      this._grants = ready(await this._service.grants());
    } catch (error) {
      this._grants = failed(toProblem(error));
    }
    this.stateChanged.emit();
  }

  /** Grants, or renews, read access to each of `picks`. */
  async grant(
    repository: string,
    picks: readonly CollectionPick[],
    days: number
  ): Promise<boolean> {
    return this._change(async () => {
      for (const { name, kind } of picks) {
        const body = { repository, collection: name, kind, expires_in_days: days };
        this._put(await this._service.createGrant(body));
      }
    });
  }

  async revoke(id: string): Promise<boolean> {
    return this._change(async () => this._put(await this._service.revokeGrant(id)));
  }

  private async _change(change: () => Promise<void>): Promise<boolean> {
    this._busy = true;
    this._problem = null;
    this.stateChanged.emit();
    try {
      await change();
    } catch (error) {
      this._problem = toProblem(error);
    }
    this._busy = false;
    this.stateChanged.emit();
    return this._problem === null;
  }

  private _put(grant: Grant): void {
    const others = (valueOf(this._grants) ?? []).filter(({ id }) => id !== grant.id);
    this._grants = ready([grant, ...others]);
  }

  private readonly _service: ServiceApi;
  private _grants: Loadable<readonly Grant[]> = IDLE;
  private _busy = false;
  private _problem: Problem | null = null;
}
