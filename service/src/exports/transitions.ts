/**
 * The life of an export, in one table. The code that moves exports, the diagram in the manual and the
 * model tests all read it, so that none of them can disagree (after OpenSAFELY Airlock's `permissions.py`).
 */

/** Whose move it is: the PI's, EPO staff's, or the system's own. */
export type Actor = 'pi' | 'staff' | 'system';

/** IVOA UWS phases, which RSP clients know (https://www.ivoa.net/documents/UWS/). */
export type UwsPhase =
  'QUEUED' | 'EXECUTING' | 'HELD' | 'COMPLETED' | 'ERROR' | 'ABORTED' | 'ARCHIVED';

interface StateFacts {
  /** Who is expected to act next; `null` where nothing is left to do. */
  readonly owner: Actor | null;
  readonly phase: UwsPhase;
  /** For a person, after "This export …". */
  readonly means: string;
}

export const EXPORT_STATES = {
  SUBMITTED: {
    owner: 'system',
    phase: 'QUEUED',
    means: 'waits for the service to list its datasets'
  },
  COLLECTING: {
    owner: 'system',
    phase: 'EXECUTING',
    means: 'is being retrieved from the Butler and checked'
  },
  HELD: { owner: 'staff', phase: 'HELD', means: 'waits for a decision of EPO staff' },
  RETURNED: { owner: 'pi', phase: 'HELD', means: 'was returned to its PI with a question' },
  APPROVED: { owner: 'system', phase: 'EXECUTING', means: 'is approved and about to be published' },
  PUBLISHING: { owner: 'system', phase: 'EXECUTING', means: 'is being published and read back' },
  PUBLISHED: {
    owner: 'pi',
    phase: 'COMPLETED',
    means: 'is public, and every file was read back and compared'
  },
  FAILED: { owner: 'pi', phase: 'ERROR', means: 'stopped, and can be retried or cancelled' },
  REJECTED: { owner: null, phase: 'ERROR', means: 'was rejected by EPO staff' },
  CANCELLED: { owner: null, phase: 'ABORTED', means: 'was cancelled by its PI' },
  WITHDRAWN: { owner: null, phase: 'ARCHIVED', means: 'was public and has been taken down' },
  EXPIRED: {
    owner: null,
    phase: 'ARCHIVED',
    means: 'was not acted on in time and has been deleted'
  }
} as const satisfies Record<string, StateFacts>;

export type ExportState = keyof typeof EXPORT_STATES;

export const exportStates = Object.keys(EXPORT_STATES) as ExportState[]; // Object.keys loses the literal type

interface Transition {
  readonly from: readonly ExportState[];
  readonly to: ExportState;
  readonly by: readonly Actor[];
}

export const TRANSITIONS = {
  collect: { from: ['SUBMITTED'], to: 'COLLECTING', by: ['system'] },
  hold: { from: ['COLLECTING'], to: 'HELD', by: ['system'] },
  pass: { from: ['COLLECTING'], to: 'APPROVED', by: ['system'] },
  approve: { from: ['HELD'], to: 'APPROVED', by: ['staff'] },
  return: { from: ['HELD'], to: 'RETURNED', by: ['staff'] },
  resubmit: { from: ['RETURNED'], to: 'HELD', by: ['pi'] },
  reject: { from: ['HELD', 'RETURNED'], to: 'REJECTED', by: ['staff'] },
  publish: { from: ['APPROVED'], to: 'PUBLISHING', by: ['system'] },
  complete: { from: ['PUBLISHING'], to: 'PUBLISHED', by: ['system'] },
  fail: {
    from: ['SUBMITTED', 'COLLECTING', 'HELD', 'APPROVED', 'PUBLISHING'],
    to: 'FAILED',
    by: ['system']
  },
  retry: { from: ['FAILED'], to: 'SUBMITTED', by: ['pi'] },
  cancel: {
    from: ['SUBMITTED', 'COLLECTING', 'HELD', 'RETURNED', 'APPROVED', 'FAILED'],
    to: 'CANCELLED',
    by: ['pi']
  },
  withdraw: { from: ['PUBLISHED'], to: 'WITHDRAWN', by: ['pi', 'staff'] },
  expire: { from: ['HELD', 'RETURNED', 'FAILED', 'PUBLISHED'], to: 'EXPIRED', by: ['system'] }
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof TRANSITIONS;

export const transitionNames = Object.keys(TRANSITIONS) as TransitionName[]; // as above

/** Whether `actor` may take `transition` out of `state`. */
export function isAllowed(state: ExportState, transition: TransitionName, actor: Actor): boolean {
  const { from, by }: Transition = TRANSITIONS[transition];
  return from.includes(state) && by.includes(actor);
}

/** The transitions that `actor` may take out of `state`, in the table's order. */
export function allowedTransitions(state: ExportState, actor: Actor): TransitionName[] {
  return transitionNames.filter(name => isAllowed(state, name, actor));
}

/** The states out of which `transition` leads. */
export function statesBefore(transition: TransitionName): readonly ExportState[] {
  return TRANSITIONS[transition].from;
}

/** A state in which the system itself must act: the watchdog lets no export stay in one unmoved. */
export function isPassing(state: ExportState): boolean {
  return EXPORT_STATES[state].owner === 'system';
}

/** What became of one dataset of an export. */
export const ITEM_STATES = {
  LISTED: 'not looked at yet',
  CHECKED: 'retrieved, clean and in quarantine',
  HELD: 'waits for a decision',
  REFUSED: 'not fit to be published, for the reason given',
  PUBLISHED: 'public, read back and compared',
  WITHDRAWN: 'taken down',
  MISSING: 'no longer in the Butler'
} as const;

export type ItemState = keyof typeof ITEM_STATES;

export const itemStates = Object.keys(ITEM_STATES) as ItemState[]; // as above
