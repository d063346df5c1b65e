/**
 * What a pool and its children say to each other, over Node's IPC channel with structured clones.
 *
 * A child may be in the hands of a hostile file, so the parent reads each message as unknown data,
 * and outcomes are checked by the caller of the pool.
 */

/** Parent to child: tasks to be done in order. */
export interface BatchMessage {
  readonly batch: number;
  readonly tasks: readonly unknown[];
}

/** Child to parent. */
export type ChildMessage =
  | { readonly kind: 'ready' }
  /** The first task of a batch is in hand. */
  | { readonly kind: 'began'; readonly batch: number }
  /** The outcomes of tasks `from`, `from + 1`, … of a batch. */
  | {
      readonly kind: 'outcomes';
      readonly batch: number;
      readonly from: number;
      readonly outcomes: readonly unknown[];
    }
  /** The handler threw: not the task is bad, the program or the machine is. */
  | { readonly kind: 'fault'; readonly batch: number; readonly fault: string };

/** The message, or undefined where it is none. */
export function readChildMessage(value: unknown): ChildMessage | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const { kind, batch, from, outcomes, fault } = value;
  if (kind === 'ready') {
    return { kind };
  }
  if (kind === 'began' && isCount(batch)) {
    return { kind, batch };
  }
  if (kind === 'outcomes' && isCount(batch) && isCount(from) && Array.isArray(outcomes)) {
    return { kind, batch, from, outcomes };
  }
  if (kind === 'fault' && isCount(batch) && typeof fault === 'string') {
    return { kind, batch, fault };
  }
  return undefined;
}

/** The message, or undefined where it is none. */
export function readBatchMessage(value: unknown): BatchMessage | undefined {
  return isRecord(value) && isCount(value.batch) && Array.isArray(value.tasks)
    ? { batch: value.batch, tasks: value.tasks }
    : undefined;
}

/** Names the parent's process to a child, which ends when it has another one. */
export const PARENT_PID_VARIABLE = 'WORK_POOL_PARENT_PID';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
