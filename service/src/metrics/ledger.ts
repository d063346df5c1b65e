/** Figures that the ledger knows: each API process gives all of them, so a dashboard takes the `max` over instances. */
import { sql } from 'kysely';
import { Gauge, type Registry } from 'prom-client';
import type { Database } from '../database/database.ts';
import { exportStates } from '../exports/transitions.ts';
import { queueNames, queueSchema } from '../jobs/queues.ts';

interface StateRow {
  readonly state: string;
  readonly count: number;
  readonly oldest: number;
}

interface QueueRow {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly oldest: number | null;
}

interface WaitingRow {
  readonly count: number;
  readonly oldest: number | null;
}

export class LedgerMetrics {
  readonly #db: Database;
  readonly #isUp: Gauge;
  readonly #exports: Gauge<'state'>;
  readonly #oldestExport: Gauge<'state'>;
  readonly #jobs: Gauge<'queue' | 'state'>;
  readonly #oldestJob: Gauge<'queue'>;
  readonly #notifications: Gauge;
  readonly #oldestNotification: Gauge;

  constructor(registry: Registry, db: Database) {
    const registers = [registry];
    this.#db = db;
    this.#isUp = new Gauge({
      name: 'epo_export_ledger_up',
      help: 'Whether the database answered at this scrape; while it is 0 the other figures of the ledger are absent.',
      registers
    });
    this.#exports = new Gauge({
      name: 'epo_export_exports',
      help: 'Exports by state.',
      labelNames: ['state'],
      registers
    });
    this.#oldestExport = new Gauge({
      name: 'epo_export_exports_oldest_seconds',
      help: 'For how long the export of this state that moved least lately has not moved.',
      labelNames: ['state'],
      registers
    });
    this.#jobs = new Gauge({
      name: 'epo_export_queue_jobs',
      help: 'Jobs by queue: those that wait, and those that a worker has in hand.',
      labelNames: ['queue', 'state'],
      registers
    });
    this.#oldestJob = new Gauge({
      name: 'epo_export_queue_oldest_seconds',
      help: 'For how long the job that waits longest could have been taken; 0 where none waits.',
      labelNames: ['queue'],
      registers
    });
    this.#notifications = new Gauge({
      name: 'epo_export_notifications_waiting',
      help: 'Notifications that Semaphore has not taken; all of them where none is set.',
      registers
    });
    this.#oldestNotification = new Gauge({
      name: 'epo_export_notifications_oldest_seconds',
      help: 'For how long the oldest of them waits; 0 where none does.',
      registers
    });
  }

  /** Reads the ledger. Never fails: a database that is away shows as `epo_export_ledger_up 0`. */
  async refresh(): Promise<void> {
    for (const gauge of [
      this.#exports,
      this.#oldestExport,
      this.#jobs,
      this.#oldestJob,
      this.#notifications,
      this.#oldestNotification
    ]) {
      gauge.reset();
    }
    try {
      const [states, queues, waiting] = await Promise.all([
        this.#readExports(),
        this.#readQueues(),
        this.#readNotifications()
      ]);
      for (const state of exportStates) {
        const row = states.get(state);
        this.#exports.set({ state }, row?.count ?? 0);
        this.#oldestExport.set({ state }, row?.oldest ?? 0);
      }
      for (const queue of queueNames) {
        const row = queues.get(queue);
        this.#jobs.set({ queue, state: 'waiting' }, row?.waiting ?? 0);
        this.#jobs.set({ queue, state: 'active' }, row?.active ?? 0);
        this.#oldestJob.set({ queue }, Math.max(0, row?.oldest ?? 0));
      }
      this.#notifications.set(waiting?.count ?? 0);
      this.#oldestNotification.set(waiting?.oldest ?? 0);
      this.#isUp.set(1);
    } catch {
      this.#isUp.set(0);
    }
  }

  async #readExports(): Promise<Map<string, StateRow>> {
    const { rows } = await sql<StateRow>`
      SELECT state, count(*) AS count, extract(epoch FROM now() - min(updated))::float8 AS oldest
      FROM exports GROUP BY state`.execute(this.#db);
    return new Map(rows.map(row => [row.state, row]));
  }

  async #readNotifications(): Promise<WaitingRow | undefined> {
    const { rows } = await sql<WaitingRow>`
      SELECT count(*) AS count, extract(epoch FROM now() - min(created))::float8 AS oldest
      FROM notifications WHERE sent IS NULL`.execute(this.#db);
    return rows[0];
  }

  async #readQueues(): Promise<Map<string, QueueRow>> {
    // A job that is retried may not be taken before `start_after`.
    const { rows } = await sql<QueueRow>`
      SELECT name,
        count(*) FILTER (WHERE state <> 'active') AS waiting,
        count(*) FILTER (WHERE state = 'active') AS active,
        extract(epoch FROM now() - min(greatest(created_on, start_after)) FILTER (WHERE state <> 'active'))::float8 AS oldest
      FROM ${sql.id(queueSchema)}.job WHERE state IN ('created', 'retry', 'active') GROUP BY name`.execute(
      this.#db
    );
    return new Map(rows.map(row => [row.name, row]));
  }
}
