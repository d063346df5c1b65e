/**
 * The jobs, on pg-boss. A job is a hint to look at an export: what is to do stands in the ledger, so a job that
 * runs twice, or late, finds nothing left and ends.
 */
import { fromKysely, PgBoss, type ConstructorOptions, type Queue } from 'pg-boss';
import type { Logger } from 'pino';
import type { Connection } from '../database/database.ts';

export const queueSchema = 'pgboss';

/** What each queue's jobs carry. */
export interface Jobs {
  /** List the datasets of an export and cut them into chunks. */
  list: { export_id: string; attempt: number };
  /** Retrieve, check and quarantine one chunk. */
  collect: { export_id: string; attempt: number; chunk: number };
  /** Everything is collected: hold or approve. */
  decide: { export_id: string; attempt: number };
  /** Make one chunk public and read it back. */
  publish: { export_id: string; attempt: number; chunk: number };
  /** Everything is public: write the manifest. */
  finish: { export_id: string; attempt: number };
  /** Delete the files of an export that ended. */
  discard: { export_id: string; attempt: number };
}

export type QueueName = keyof Jobs;

/** A dead worker's job goes to another after so long without a sign of life: pg-boss's least. */
const HEARTBEAT_SECONDS = 10;

const common = {
  heartbeatSeconds: HEARTBEAT_SECONDS,
  // A chunk of 500 files from a slow disk; what takes longer is hung.
  expireInSeconds: 1800,
  retryLimit: 8,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  notify: true
} as const satisfies Omit<Queue, 'name'>;

export const queueNames = [
  'list',
  'collect',
  'decide',
  'publish',
  'finish',
  'discard'
] as const satisfies QueueName[];

/** Installs pg-boss's tables and our queues, as the owner of the database. */
export async function installQueues(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: ownerUrl,
    schema: queueSchema,
    supervise: false,
    schedule: false,
    max: 2
  });
  boss.on('error', () => {});
  await boss.start();
  try {
    for (const name of queueNames) {
      await boss.createQueue(name, common);
      await boss.updateQueue(name, common);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

/**
 * @param url - PostgreSQL as the service role
 * @param supervise - whether this process watches for dead workers' jobs; every worker does
 */
export function openQueues(url: string, logger: Logger, supervise: boolean): PgBoss {
  const options: ConstructorOptions = {
    connectionString: url,
    schema: queueSchema,
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    // Rebuilding an index and watching vacuum belong to the owner of the tables.
    reindex: false,
    monitorVacuum: false,
    useListenNotify: supervise,
    max: supervise ? 6 : 2
  };
  const boss = new PgBoss(options);
  boss.on('error', error => logger.warn({ err: error }, 'the queue met an error and goes on'));
  boss.on('warning', warning => logger.debug({ warning }, 'queue warning'));
  return boss;
}

/** Puts jobs into queues, in the transaction of the state that they follow from. */
export class JobSender {
  readonly #boss: PgBoss;

  constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  async send<Name extends QueueName>(
    db: Connection,
    name: Name,
    jobs: readonly Jobs[Name][]
  ): Promise<void> {
    if (jobs.length > 0) {
      await this.#boss.insert(
        name,
        jobs.map(data => ({ data })),
        { db: fromKysely(db) }
      );
    }
  }
}
