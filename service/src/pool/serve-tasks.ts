import { Worker } from 'node:worker_threads';
import { PARENT_PID_VARIABLE, readBatchMessage } from './protocol.ts';
import type { BatchMessage, ChildMessage } from './protocol.ts';

/** How long outcomes wait for company: one message for many of them costs the parent little. */
const FLUSH_MS = 20;

/**
 * Makes this process a child of a {@link WorkPool}: call it once, at the end of the pool's entry module.
 *
 * Tasks come one after the other. The handler must be idempotent: a task whose outcome was lost with a
 * process is done again. It returns what is to be known of the task, a refusal included; it throws only
 * where the fault is not the task's (a full disk), which ends the whole run with an error.
 *
 * @param readTask checks what came from the parent; throws where it is no task
 * @param handle does one task; its outcome must survive a structured clone
 */
export function serveTasks<Task, Outcome>(
  readTask: (value: unknown) => Task,
  handle: (task: Task) => Outcome | Promise<Outcome>
): void {
  if (!process.send) {
    throw new Error('This module is started by a WorkPool, not by hand.');
  }
  endWithParent();
  const waiting: BatchMessage[] = [];
  let busy = false;
  process.on('message', value => {
    const message = readBatchMessage(value);
    if (!message) {
      throw new Error('The parent sent something that is no batch of tasks.');
    }
    waiting.push(message);
    if (!busy) {
      busy = true;
      void work();
    }
  });
  say({ kind: 'ready' });

  async function work(): Promise<void> {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      await workOff(batch, async value => handle(readTask(value)));
    }
    busy = false;
  }
}

async function workOff(
  { batch, tasks }: BatchMessage,
  handle: (value: unknown) => Promise<unknown>
): Promise<void> {
  let outcomes: unknown[] = [];
  let from = 0;
  let flushed = performance.now();
  say({ kind: 'began', batch });
  for (const [i, task] of tasks.entries()) {
    try {
      outcomes.push(await handle(task));
    } catch (error) {
      say({ kind: 'outcomes', batch, from, outcomes });
      say({ kind: 'fault', batch, fault: describe(error) });
      return;
    }
    if (i === tasks.length - 1 || performance.now() - flushed >= FLUSH_MS) {
      say({ kind: 'outcomes', batch, from, outcomes });
      from = i + 1;
      outcomes = [];
      flushed = performance.now();
      // Lets the channel breathe where handlers never wait for anything.
      await new Promise(setImmediate);
    }
  }
}

function say(message: ChildMessage): void {
  process.send?.(message);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * An idle child hears that the channel closed. One that is busy, or caught in a loop, does not, so
 * a thread of its own looks for the parent.
 */
function endWithParent(): void {
  process.on('disconnect', () => process.exit(0));
  new Worker(new URL('parent-watch.ts', import.meta.url), {
    workerData: Number(process.env[PARENT_PID_VARIABLE]),
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
    execArgv: []
  }).unref();
}
