/** Whether lab, Butler and service answer, and who the PI is to the service. */
import { VDomModel } from '@jupyterlab/ui-components';
import type { ButlerApi } from '../api/butler';
import type { LabStatus } from '../api/lab-types';
import { problemOf, toProblem, type Problem } from '../api/problem';
import type { ServiceApi } from '../api/service';
import type { Me } from '../api/types';
import type { Identity } from '../domain/collections';
import { failed, IDLE, LOADING, ready, valueOf, type Loadable } from '../domain/loadable';

export class SessionModel extends VDomModel {
  constructor(butler: ButlerApi, service: ServiceApi) {
    super();
    this._butler = butler;
    this._service = service;
  }

  /** The lab's own part. */
  get lab(): Loadable<LabStatus> {
    return this._lab;
  }

  /** Who the service takes the PI for; failed where the service cannot be used. */
  get me(): Loadable<Me> {
    return this._me;
  }

  /**
   * Whose collections are the PI's own: as the service said last, else as the lab believes, which knows no groups;
   * `null` where nobody knows. It only sorts and counts: what the PI may do, the service decides.
   */
  get identity(): Identity | null {
    const user = valueOf(this._lab)?.user;
    return this._lastMe ?? (user == null ? null : { username: user, groups: [] });
  }

  /** The Butler's problem as the lab told it; `null` where it works, or is only starting. */
  get butlerProblem(): Problem | null {
    const error = valueOf(this._lab)?.butler.error;
    return error && error.type !== 'butler_starting' ? problemOf(error.type, error.msg) : null;
  }

  /** Asks the lab what works, and the service who we are. Never throws: the properties tell. */
  async connect(): Promise<void> {
    this._set(LOADING, LOADING);
    let status: LabStatus;
    try {
      status = await this._butler.status();
    } catch (error) {
      const problem = failed(toProblem(error));
      this._set(problem, problem);
      return;
    }
    const { error } = status.service;
    if (error) {
      this._set(ready(status), failed(problemOf(error.type, error.msg)));
      return;
    }
    this._set(ready(status), LOADING);
    try {
      this._set(ready(status), ready(await this._service.me()));
    } catch (error) {
      this._set(ready(status), failed(toProblem(error)));
    }
  }

  private _set(lab: Loadable<LabStatus>, me: Loadable<Me>): void {
    this._lab = lab;
    this._me = me;
    this._lastMe = valueOf(me) ?? this._lastMe;
    this.stateChanged.emit();
  }

  private readonly _butler: ButlerApi;
  private readonly _service: ServiceApi;
  private _lab: Loadable<LabStatus> = IDLE;
  private _me: Loadable<Me> = IDLE;
  private _lastMe: Me | null = null;
}
