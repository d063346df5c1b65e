import type { DeathCause } from './pool-child.ts';

/** What became of a task: what its handler returned, or twice the end of the process that did it. */
export type Settled<Outcome> =
  | { readonly crashed: false; readonly outcome: Outcome }
  | { readonly crashed: true; readonly cause: DeathCause };

/** The tasks of one call of `WorkPool.run`, and how far they are. */
export class PoolRun<Outcome> {
  readonly tasks: readonly unknown[];
  readonly #onOutcome: (index: number, settled: Settled<Outcome>) => void;
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers();
  #left: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    tasks: readonly unknown[],
    onOutcome: (index: number, settled: Settled<Outcome>) => void
  ) {
    this.tasks = tasks;
    this.#onOutcome = onOutcome;
    this.#left = tasks.length;
  }

  /** Fulfilled once every task is settled; rejected where the run failed and was let go. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** It will end with an error: its tasks are not begun, and what comes of them is not told. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  /** Tells the caller what became of a task. A caller that throws fails the run. */
  settle(index: number, settled: Settled<Outcome>): void {
    if (this.failed) {
      return;
    }
    try {
      this.#onOutcome(index, settled);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#left -= 1;
    if (this.done) {
      this.#ended.resolve();
    }
  }

  fail(error: unknown): void {
    if (!this.done) {
      this.#failure ??= { error };
    }
  }

  /** Gives a failed run back to its caller: no child works on it any more. */
  letGo(): void {
    if (this.#failure) {
      this.#ended.reject(this.#failure.error);
    }
  }
}
