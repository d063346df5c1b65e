import { PoolChild } from './pool-child.ts';
import type { Death, DeathCause } from './pool-child.ts';
import { PoolRun } from './pool-run.ts';
import type { Settled } from './pool-run.ts';
import type { ChildMessage } from './protocol.ts';

export type { Settled } from './pool-run.ts';
export type { DeathCause } from './pool-child.ts';

export interface WorkPoolOptions<Outcome> {
  /** The module that each child runs; it ends with `serveTasks`. */
  readonly entry: URL;
  /** How many children work at a time. */
  readonly size: number;
  /** How long one task may take, milliseconds. */
  readonly perItemTimeoutMs: number;
  /** How much memory a child may hold, bytes resident. */
  readonly maxRssBytes: number;
  /** Checks what a child sent as an outcome; throws where it is none, which ends that child. */
  readonly readOutcome: (value: unknown) => Outcome;
  /** Tasks sent to a child at a time. Small enough to share the end of a run, large enough to hide IPC. */
  readonly batchSize?: number;
  /** Variables for the children. They get none of this process's own but PATH, the locale and TMPDIR. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions<Outcome> {
  /** Stops the run; children in the midst of its tasks are killed. */
  readonly signal?: AbortSignal;
  /** Called once for each task, in no particular order. If it throws, the run ends with that error. */
  readonly onOutcome: (index: number, settled: Settled<Outcome>) => void;
}

/** The pool or its handler failed; no task is to blame, and the run may be tried again. */
export class WorkPoolError extends Error {
  override readonly name = 'WorkPoolError';
}

/** Batches a child holds: one in hand, one waiting, so that it never waits for us. */
const IN_FLIGHT = 2;

/** A child that dies before it is ready, this often in a row, shows a broken program. */
const MOST_FAILED_STARTS = 3;

/** How often somebody else may kill the process that does a task alone, before the task is blamed. */
const MOST_KILLS = 3;

interface Batch<Outcome> {
  readonly id: number;
  readonly run: PoolRun<Outcome>;
  /** Places of its tasks in the run. */
  readonly indices: readonly number[];
  /** A task that was in a child's hands when it died: done by itself, and the last time. */
  readonly alone: boolean;
  /** How often its process was killed by somebody else, such as the kernel or an operator. */
  kills: number;
  /** Its child has said so: only then can a task of it have been the child's end. */
  began: boolean;
  done: number;
}

interface Member<Outcome> {
  readonly child: PoolChild;
  /** In the order in which the child takes them. */
  readonly batches: Batch<Outcome>[];
  /** It has done nothing but tasks alone, and so is fit for another. */
  fresh: boolean;
}

/**
 * Child processes that do tasks nobody trusts, so that whatever a task does to its process, a
 * crash, an endless loop, a flood of memory, costs that task alone.
 *
 * The parent does not see each task begin; it knows what came back. When a child dies, the tasks of
 * its batch without an outcome are done once more, each alone, in a process that has done nothing
 * else. One that ends its process again is settled as `crashed`. A handler that throws, and children
 * that cannot start, are no task's fault and end the run with a {@link WorkPoolError}.
 *
 * Children end with their parent, even by SIGKILL (see `serve-tasks.ts`).
 */
export class WorkPool<Task, Outcome> {
  /** Children that ended in the midst of a task, for whoever watches the service. */
  readonly deaths: Record<DeathCause, number> = { crash: 0, timeout: 0, memory: 0 };
  readonly #options: WorkPoolOptions<Outcome>;
  readonly #members = new Set<Member<Outcome>>();
  readonly #runs = new Set<PoolRun<Outcome>>();
  #queue: Batch<Outcome>[] = [];
  #nextBatch = 0;
  #failedStarts = 0;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: WorkPoolOptions<Outcome>) {
    this.#options = options;
  }

  /** The process ids of the living children. */
  get pids(): number[] {
    return [...this.#members].flatMap(({ child }) => child.pid ?? []);
  }

  /** Batches that no child has yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Starts all children before there is work, so that the first run need not wait for them. */
  warm(): void {
    while (!this.#closed && this.#members.size < this.#options.size) {
      this.#start();
    }
  }

  /**
   * Does all tasks; several runs may go on at a time and share the children.
   *
   * @param tasks anything that survives a structured clone
   * @throws WorkPoolError where the handler threw or no child starts; the reason of `signal`; what
   *   `onOutcome` threw. By then no child works on a task of this run any more.
   */
  async run(tasks: readonly Task[], { signal, onOutcome }: RunOptions<Outcome>): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed) {
      throw new WorkPoolError('The pool is closed.');
    }
    if (tasks.length === 0) {
      return;
    }
    const run = new PoolRun(tasks, onOutcome);
    this.#runs.add(run);
    const abort = (): void => this.#fail(run, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const size = this.#options.batchSize ?? 16;
    for (let first = 0; first < tasks.length; first += size) {
      const count = Math.min(size, tasks.length - first);
      this.#queue.push(this.#batch(run, range(first, count), false));
    }
    this.#deal();
    try {
      await run.ended;
    } finally {
      this.#runs.delete(run);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends all children, and with an error every run that still goes on. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = Promise.withResolvers();
      for (const run of this.#runs) {
        this.#fail(run, new WorkPoolError('The pool was closed.'));
      }
      for (const { child } of this.#members) {
        child.kill();
      }
      this.#deal();
    }
    await this.#closed.promise;
  }

  #batch(run: PoolRun<Outcome>, indices: readonly number[], alone: boolean): Batch<Outcome> {
    this.#nextBatch += 1;
    return { id: this.#nextBatch, run, indices, alone, kills: 0, began: false, done: 0 };
  }

  /** Hands out what waits, and starts children while there is more work than they can hold. */
  #deal(): void {
    if (this.#closed) {
      if (this.#members.size === 0) {
        this.#closed.resolve();
      }
      return;
    }
    for (const member of this.#members) {
      while (member.child.state === 'ready' && this.#give(member));
    }
    const starting = [...this.#members].filter(({ child }) => child.state === 'starting').length;
    const wanted = Math.min(this.#options.size - this.#members.size, this.#queue.length - starting);
    for (let i = 0; i < wanted; i += 1) {
      this.#start();
    }
  }

  /** Gives the member the next batch that is fit for it; whether there was one. */
  #give(member: Member<Outcome>): boolean {
    const holds = member.batches.length;
    if (holds >= IN_FLIGHT || member.batches[0]?.alone) {
      return false;
    }
    let place = member.fresh && holds === 0 ? this.#queue.findIndex(({ alone }) => alone) : -1;
    if (place === -1) {
      place = this.#queue.findIndex(({ alone }) => !alone);
    }
    const [batch] = place === -1 ? [] : this.#queue.splice(place, 1);
    if (!batch) {
      return false;
    }
    member.fresh &&= batch.alone;
    member.batches.push(batch);
    const tasks = batch.indices.map(index => batch.run.tasks[index]);
    member.child.send({ batch: batch.id, tasks });
    if (holds === 0) {
      member.child.watch(true);
    }
    return true;
  }

  #start(): void {
    const { entry, perItemTimeoutMs, maxRssBytes, env = {} } = this.#options;
    const child = new PoolChild(
      { entry, perItemTimeoutMs, maxRssBytes, env },
      {
        onMessage: message => this.#hear(member, message),
        onExit: death => this.#bury(member, death)
      }
    );
    const member: Member<Outcome> = { child, batches: [], fresh: true };
    this.#members.add(member);
  }

  #hear(member: Member<Outcome>, message: ChildMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#failedStarts = 0;
        break;
      case 'began':
        member.batches
          .filter(({ id }) => id === message.batch)
          .forEach(batch => (batch.began = true));
        member.child.watch(member.batches.length > 0);
        break;
      case 'outcomes':
        this.#take(member, message.batch, message.from, message.outcomes);
        break;
      case 'fault': {
        const run = member.batches.find(({ id }) => id === message.batch)?.run;
        if (run) {
          this.#fail(run, new WorkPoolError(message.fault));
        }
      }
    }
    this.#deal();
  }

  /** Takes outcomes, which must be the next ones of the batch that the child has in hand. */
  #take(member: Member<Outcome>, id: number, from: number, values: readonly unknown[]): void {
    const batch = member.batches[0];
    if (!batch || batch.id !== id || batch.done !== from) {
      member.child.kill();
      return;
    }
    for (const value of values) {
      const index = batch.indices[batch.done];
      let outcome: Outcome;
      try {
        outcome = this.#options.readOutcome(value);
      } catch {
        member.child.kill();
        return;
      }
      if (index === undefined) {
        member.child.kill();
        return;
      }
      batch.done += 1;
      this.#settle(batch.run, index, { crashed: false, outcome });
    }
    if (batch.done === batch.indices.length) {
      member.batches.shift();
    }
    member.child.watch(member.batches.length > 0);
  }

  #settle(run: PoolRun<Outcome>, index: number, settled: Settled<Outcome>): void {
    run.settle(index, settled);
    if (run.failed) {
      this.#drop(run);
    }
  }

  #fail(run: PoolRun<Outcome>, error: unknown): void {
    run.fail(error);
    if (run.failed) {
      this.#drop(run);
    }
  }

  /** Nothing more of a failed run is begun, and children in the midst of it are killed. */
  #drop(run: PoolRun<Outcome>): void {
    this.#queue = this.#queue.filter(batch => batch.run !== run);
    for (const { child, batches } of this.#members) {
      if (batches.some(batch => batch.run === run)) {
        child.kill();
      }
    }
    this.#letGo();
  }

  /** Gives back the failed runs of which no child has work. */
  #letGo(): void {
    const held = new Set([...this.#members].flatMap(({ batches }) => batches.map(b => b.run)));
    for (const run of this.#runs) {
      if (!held.has(run)) {
        run.letGo();
      }
    }
  }

  /** A child is gone: what it left undone is done elsewhere, or was its end for the second time. */
  #bury(member: Member<Outcome>, { cause, byOthers, startedWell }: Death): void {
    this.#members.delete(member);
    const left = member.batches.filter(({ run }) => !run.failed);
    if (left.some(({ began }) => began)) {
      this.deaths[cause] += 1;
    }
    this.#queue.unshift(...left.filter(({ began }) => !began));
    for (const batch of left.filter(({ began }) => began)) {
      const { run, indices, done, alone } = batch;
      const undone = indices.slice(done);
      if (!alone) {
        this.#queue.unshift(...undone.map(index => this.#batch(run, [index], true)));
      } else if (byOthers && batch.kills < MOST_KILLS) {
        this.#queue.unshift({ ...batch, began: false, kills: batch.kills + 1 });
      } else {
        undone.forEach(index => this.#settle(run, index, { crashed: true, cause }));
      }
    }
    if (!startedWell) {
      this.#countFailedStart(member.child.stderr);
    }
    this.#letGo();
    this.#deal();
  }

  #countFailedStart(stderr: string): void {
    this.#failedStarts += 1;
    if (this.#failedStarts >= MOST_FAILED_STARTS) {
      this.#failedStarts = 0;
      for (const run of this.#runs) {
        this.#fail(run, new WorkPoolError(`No child of the pool starts: ${stderr}`));
      }
    }
  }
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
