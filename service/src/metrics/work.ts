/** What a worker has done since it started, and the state of what it works with. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Bridges } from '../bridge/bridges.ts';
import type { ItemState } from '../exports/transitions.ts';
import type { QueueName } from '../jobs/queues.ts';
import type { StageClock } from '../pipeline/stage-clock.ts';
import type { DeathCause } from '../pool/work-pool.ts';

/** What is counted is committed: a chunk that is done again after a crash counts once. */
export type Fate = Extract<ItemState, 'CHECKED' | 'REFUSED' | 'MISSING' | 'PUBLISHED'>;

export class WorkMetrics {
  readonly #items: Counter<'fate'>;
  readonly #jobs: Histogram<'job' | 'outcome'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#items = new Counter({
      name: 'epo_export_items_total',
      help: 'Items that reached this fate in the hands of this worker.',
      labelNames: ['fate'],
      registers
    });
    this.#jobs = new Histogram({
      name: 'epo_export_job_duration_seconds',
      help: 'How long a job took: collect and publish do one chunk each. A failed job is tried again.',
      labelNames: ['job', 'outcome'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
      registers
    });
  }

  itemsReached(fate: Fate, count: number): void {
    this.#items.inc({ fate }, count);
  }

  /** @param outcome - `stopped` where the export could not go on, for a reason that its PI is told */
  jobEnded(job: QueueName, outcome: 'done' | 'stopped' | 'failed', seconds: number): void {
    this.#jobs.observe({ job, outcome }, seconds);
  }
}

/** Counts the bridges' children that had to be started again. */
export function watchBridges(registry: Registry, bridges: Pick<Bridges, 'restarts'>): void {
  new Counter({
    name: 'epo_export_bridge_restarts_total',
    help: 'Times that the Butler bridge of a repository was started again after it had died.',
    labelNames: ['repository'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [repository, count] of bridges.restarts) {
        this.inc({ repository }, count);
      }
    }
  });
}

/** The processes that check images, and the CPU that each stage of it used. */
export function watchPool(
  registry: Registry,
  pool: {
    readonly pids: readonly number[];
    readonly waiting: number;
    readonly deaths: Readonly<Record<DeathCause, number>>;
  },
  clock: StageClock
): void {
  const registers = [registry];
  new Gauge({
    name: 'epo_export_pool_processes',
    help: 'Living processes that check images.',
    registers,
    collect() {
      this.set(pool.pids.length);
    }
  });
  new Gauge({
    name: 'epo_export_pool_waiting_batches',
    help: 'Batches of images that wait for such a process.',
    registers,
    collect() {
      this.set(pool.waiting);
    }
  });
  new Counter({
    name: 'epo_export_pool_deaths_total',
    help: 'Such processes that ended in the midst of an image, by cause.',
    labelNames: ['cause'],
    registers,
    collect() {
      this.reset();
      for (const [cause, count] of Object.entries(pool.deaths)) {
        this.inc({ cause }, count);
      }
    }
  });
  new Counter({
    name: 'epo_export_stage_cpu_seconds_total',
    help: 'CPU seconds by stage of the work on items.',
    labelNames: ['stage'],
    registers,
    collect() {
      this.reset();
      for (const [stage, seconds] of Object.entries(clock.seconds)) {
        this.inc({ stage }, seconds);
      }
    }
  });
}
