/** What the PI is told of their exports: the same as through the RSP's notifications. */
import { VDomModel } from '@jupyterlab/ui-components';
import { Signal, type ISignal } from '@lumino/signaling';
import { toProblem } from '../api/problem';
import type { ServiceApi } from '../api/service';
import type { Message } from '../api/types';
import { failed, IDLE, LOADING, ready, type Loadable } from '../domain/loadable';

export class MessagesModel extends VDomModel {
  constructor(service: ServiceApi) {
    super();
    this._service = service;
  }

  /** Newest first. */
  get messages(): Loadable<readonly Message[]> {
    return this._messages;
  }

  /** A message that is newer than all that came before, in this session or an earlier one. */
  get arrived(): ISignal<this, Message> {
    return this._arrived;
  }

  /** The id of the newest message that came; `null` before the first answer. */
  get seen(): number | null {
    return this._seen;
  }

  /** Takes up what came in an earlier session, so that only what came since is news. */
  restore(seen: number | null): void {
    this._seen = seen;
  }

  /** Asks for the latest. Never throws: the last list stays. */
  async refresh(): Promise<void> {
    const asked = ++this._asked;
    if (this._messages.status === 'idle') {
      this._messages = LOADING;
      this.stateChanged.emit();
    }
    try {
      const messages = await this._service.messages();
      if (asked !== this._asked || this.isDisposed) {
        return; // A later question is on its way.
      }
      this._messages = ready(messages);
      this._tellOfNews(messages);
    } catch (error) {
      if (this._messages.status !== 'ready') {
        this._messages = failed(toProblem(error));
      }
    }
    this.stateChanged.emit();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  /** Nothing is news to somebody whose first look this is. */
  private _tellOfNews(messages: readonly Message[]): void {
    const seen = this._seen;
    this._seen = Math.max(seen ?? 0, ...messages.map(({ id }) => id));
    if (seen !== null) {
      for (const message of messages.filter(({ id }) => id > seen).reverse()) {
        this._arrived.emit(message);
      }
    }
  }

  private readonly _service: ServiceApi;
  private readonly _arrived = new Signal<this, Message>(this);
  private _messages: Loadable<readonly Message[]> = IDLE;
  private _seen: number | null = null;
  private _asked = 0;
}
