/** The submission under way: its contents, its check before the click, and its one key. */
import { VDomModel } from '@jupyterlab/ui-components';
import { UUID } from '@lumino/coreutils';
import { Debouncer } from '@lumino/polling';
import { outcomeUnknown, toProblem, type Problem } from '../api/problem';
import type { ServiceApi } from '../api/service';
import type { CollectionPick, Export, PreflightReport } from '../api/types';
import { covers, samePick } from '../domain/collections';
import {
  EMPTY_DRAFT,
  preflightOf,
  submissionOf,
  suggestSubjectSet,
  type CompleteDraft,
  type Draft
} from '../domain/draft';
import { failed, IDLE, LOADING, ready, type Loadable } from '../domain/loadable';
import type { CollectionsModel } from './collections';

/** The key of a draft, and whether it was sent with what the draft holds now. */
export interface Attempt {
  /** `Idempotency-Key`: one for each submission, kept until it is taken. */
  readonly key: string;
  /** Whether a submission with this key may have reached the service. */
  readonly sent: boolean;
}

export class DraftModel extends VDomModel {
  /** @param suggestDatasetType - the type to begin with, for a draft that names none. */
  constructor(
    service: ServiceApi,
    collections: CollectionsModel,
    suggestDatasetType: (draft: Draft) => string | null
  ) {
    super();
    this._service = service;
    this._collections = collections;
    this._suggestDatasetType = suggestDatasetType;
    this._checkSoon = new Debouncer(() => this.check(), CHECK_DELAY);
  }

  get draft(): Draft {
    return this._draft;
  }

  get attempt(): Attempt {
    return this._attempt;
  }

  /** The draft with the suggestions that the PI has not overruled. */
  get complete(): CompleteDraft {
    const draft = this._draft;
    return {
      ...draft,
      serviceRepository: this._collections.entry(draft.repository)?.serviceLabel ?? null,
      datasetType: draft.datasetType ?? this._suggestDatasetType(draft),
      subjectSet: draft.subjectSet ?? suggestSubjectSet(draft.collections)
    };
  }

  /** What the service says to the draft as it is. */
  get preflight(): Loadable<PreflightReport> {
    return this._preflight;
  }

  get submitting(): boolean {
    return this._submitting;
  }

  /** Why the last submission failed; `null` where it did not. */
  get problem(): Problem | null {
    return this._problem;
  }

  /** An earlier attempt, of a draft changed since, may have been taken all the same. */
  get earlierUnknown(): boolean {
    return this._earlierUnknown;
  }

  /** Changes the draft. What was sent before under its key must not be sent changed. */
  update(change: Partial<Draft>): void {
    const before = JSON.stringify(this._draft);
    this._draft = { ...this._draft, ...change };
    if (JSON.stringify(this._draft) === before) {
      return;
    }
    if (this._attempt.sent) {
      // Without a problem, no answer came before the page was left.
      this._earlierUnknown = this._problem === null || outcomeUnknown(this._problem);
      this._attempt = newAttempt();
    }
    this._problem = null;
    this.stateChanged.emit();
    this.checkSoon();
  }

  /** Picks a collection, or drops it. A pick takes the place of those that it covers. */
  toggle(repository: string, pick: CollectionPick): void {
    const { collections } = this._draft;
    const inHere = this._draft.repository === repository ? collections : [];
    const byName = this._collections.byName(repository);
    const picked = inHere.some(other => samePick(other, pick))
      ? inHere.filter(other => !samePick(other, pick))
      : [...inHere.filter(other => !covers(pick, other, byName)), pick];
    this.pick(repository, picked);
  }

  /** Replaces the picks. What was chosen for other picks is suggested anew once none is left. */
  pick(repository: string, collections: readonly CollectionPick[]): void {
    const { projectId } = this._draft;
    this.update(collections.length ? { repository, collections } : { ...EMPTY_DRAFT, projectId });
  }

  /** Takes up a draft of an earlier session, with its key. */
  restore(draft: Draft, attempt: Attempt): void {
    this._draft = draft;
    this._attempt = attempt;
    this.stateChanged.emit();
  }

  /** Checks the draft once the PI pauses. */
  checkSoon(): void {
    if (preflightOf(this.complete) === null) {
      this._asked += 1;
      this._preflight = IDLE;
      this.stateChanged.emit();
      return;
    }
    this._preflight = LOADING;
    this.stateChanged.emit();
    void this._checkSoon.invoke();
  }

  /** Asks the service what a submission of the draft would take. */
  async check(): Promise<void> {
    const body = preflightOf(this.complete);
    if (this.isDisposed || !body) {
      return;
    }
    const asked = ++this._asked;
    this._preflight = LOADING;
    this.stateChanged.emit();
    let answer: Loadable<PreflightReport>;
    try {
      answer = ready(await this._service.preflight(body));
    } catch (error) {
      answer = failed(toProblem(error));
    }
    if (asked === this._asked) {
      this._preflight = answer;
      this.stateChanged.emit();
    }
  }

  /** Submits the draft; `null` where that failed, and then `problem` says why. */
  async submit(): Promise<Export | null> {
    const body = submissionOf(this.complete);
    if (!body || this._submitting) {
      return null;
    }
    this._submitting = true;
    this._problem = null;
    this._attempt = { ...this._attempt, sent: true };
    this.stateChanged.emit();
    let taken: Export | null = null;
    try {
      taken = await this._service.submit(body, this._attempt.key);
      this._draft = { ...EMPTY_DRAFT, projectId: this._draft.projectId };
      this._attempt = newAttempt();
      this._earlierUnknown = false;
      this._preflight = IDLE;
    } catch (error) {
      this._problem = toProblem(error);
    }
    this._submitting = false;
    this.stateChanged.emit();
    return taken;
  }

  override dispose(): void {
    this._asked += 1; // Whatever is on its way comes too late.
    this._checkSoon.dispose();
    super.dispose();
  }

  private readonly _service: ServiceApi;
  private readonly _collections: CollectionsModel;
  private readonly _suggestDatasetType: (draft: Draft) => string | null;
  private readonly _checkSoon: Debouncer;
  private _draft: Draft = EMPTY_DRAFT;
  private _attempt: Attempt = newAttempt();
  private _preflight: Loadable<PreflightReport> = IDLE;
  private _asked = 0;
  private _submitting = false;
  private _problem: Problem | null = null;
  private _earlierUnknown = false;
}

/** Milliseconds after the last change. */
const CHECK_DELAY = 400;

function newAttempt(): Attempt {
  return { key: UUID.uuid4(), sent: false };
}
