/**
 * Rule 4: no export stays silently in a passing state. The watchdog finds those whose job was lost and sends it
 * again, stops those whose grant has ended, and fails with a reason those that nothing moves.
 */
import type { PgBoss } from 'pg-boss';
import { exportStates, isPassing } from '../exports/transitions.ts';
import type { ExportRow } from '../exports/store.ts';
import { queueNames } from '../jobs/queues.ts';
import type { PipelineParts } from './parts.ts';
import { failExport, requireGrants, StopExport } from './stop.ts';

const LOOK_EVERY_MS = 10_000;
/** A job may wait in a queue or for a dead worker's heartbeat so long without being lost. */
const QUIET_MS = 30_000;
/** What has not moved for so long does not move by itself. */
const STALLED_MS = 3600_000;

export class Watchdog {
  readonly #parts: PipelineParts;
  readonly #boss: PgBoss;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: PipelineParts, boss: PgBoss) {
    this.#parts = parts;
    this.#boss = boss;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.look(new Date()).catch((error: unknown) =>
        this.#parts.logger.warn({ err: error }, 'the watchdog could not look')
      );
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @param now - what time it is; a test may say */
  async look(now: Date): Promise<void> {
    const watched = await this.#parts.db
      .selectFrom('exports')
      .selectAll()
      .where('state', 'in', [...exportStates.filter(isPassing), 'HELD', 'RETURNED'])
      .execute();
    for (const exported of watched) {
      try {
        await requireGrants(this.#parts.db, exported);
        if (isPassing(exported.state)) {
          await this.#nudge(exported, now.getTime() - exported.updated.getTime());
        }
      } catch (error) {
        if (!(error instanceof StopExport)) {
          throw error;
        }
        await failExport(this.#parts, exported.id, error);
      }
    }
  }

  async #nudge(exported: ExportRow, quiet: number): Promise<void> {
    if (quiet > STALLED_MS) {
      throw new StopExport(
        'stalled',
        'Nothing moved this export for an hour. Nothing is lost; retry, and tell EPO if it stays.'
      );
    }
    if (quiet > QUIET_MS && !(await this.#hasJob(exported.id))) {
      this.#parts.logger.warn(
        { export_id: exported.id, state: exported.state },
        'an export had lost its job'
      );
      await this.#send(exported);
    }
  }

  async #hasJob(exportId: string): Promise<boolean> {
    for (const name of queueNames) {
      const jobs = await this.#boss.findJobs(name, { data: { export_id: exportId } });
      if (jobs.some(job => ['created', 'retry', 'active'].includes(job.state))) {
        return true;
      }
    }
    return false;
  }

  async #send({ id, state, attempt }: ExportRow): Promise<void> {
    const { db, jobs } = this.#parts;
    const job = { export_id: id, attempt };
    switch (state) {
      case 'SUBMITTED':
        return jobs.send(db, 'list', [job]);
      case 'APPROVED':
        return jobs.send(db, 'decide', [job]);
      case 'COLLECTING':
      case 'PUBLISHING': {
        const column = state === 'COLLECTING' ? 'collected' : 'published';
        const left = await db
          .selectFrom('chunks')
          .select('chunk')
          .where('export_id', '=', id)
          .where(column, 'is', null)
          .execute();
        const [chunkJob, lastJob] =
          state === 'COLLECTING'
            ? (['collect', 'decide'] as const)
            : (['publish', 'finish'] as const);
        return left.length > 0
          ? jobs.send(
              db,
              chunkJob,
              left.map(({ chunk }) => ({ ...job, chunk }))
            )
          : jobs.send(db, lastJob, [job]);
      }
      default:
        throw new Error(`${state} is no passing state`);
    }
  }
}
