/** The one place that puts the parts together: one function for each process. */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Compile } from 'typebox/compile';
import { Bridges } from './bridge/bridges.ts';
import type { Settings } from './config.ts';
import { connect, type Database } from './database/database.ts';
import { missingMigrations } from './database/migrate.ts';
import { ExportService } from './exports/service.ts';
import { GrantService } from './grants/service.ts';
import { buildApi } from './http/api.ts';
import type { Api } from './http/routes.ts';
import { openIdentities } from './identity/open.ts';
import { JobSender, openQueues } from './jobs/queues.ts';
import { internalServer } from './metrics/internal-server.ts';
import { LedgerMetrics } from './metrics/ledger.ts';
import { whyDatabaseIsNotReady } from './metrics/readiness.ts';
import { watchBridges, watchPool, WorkMetrics } from './metrics/work.ts';
import { PublicStore } from './objects/public-store.ts';
import { Quarantine } from './objects/quarantine.ts';
import { SemaphoreClient } from './notifications/semaphore-client.ts';
import { NotificationService } from './notifications/service.ts';
import { Sender } from './notifications/sender.ts';
import type { SemaphoreSettings } from './notifications/settings.ts';
import { ExamineOutcome, type ExamineTask } from './pipeline/examine.ts';
import { policyOf } from './pipeline/policy.ts';
import { ReadBack } from './pipeline/read-back.ts';
import { PullSource } from './pipeline/source.ts';
import { StageClock } from './pipeline/stage-clock.ts';
import { Worker } from './pipeline/worker.ts';
import { WorkPool } from './pool/work-pool.ts';
import { ProjectService } from './projects/service.ts';
import { publicServer } from './public/server.ts';
import type { Server } from 'node:http';

/** One image may take so long and so much: a cutout takes milliseconds. */
const EXAMINE_LIMITS = { perItemTimeoutMs: 30_000, maxRssBytes: 350 * 1024 * 1024 } as const;

const STOPPING = 'this process is stopping';

export interface ApiProcess {
  readonly api: Api;
  readonly publicDoor: Server;
  /** For the platform alone: metrics and health. */
  readonly internal: Server;
  close(): Promise<void>;
}

/** @throws Error where the database lacks migrations: the service does not start on an old schema */
export async function makeApi(
  settings: Settings,
  databaseUrl: string,
  logger: Logger
): Promise<ApiProcess> {
  const db = connect(databaseUrl, error =>
    logger.warn({ err: error }, 'a database connection broke')
  );
  const missing = await missingMigrations(db);
  if (missing.length > 0) {
    await db.destroy();
    throw new Error(`The database lacks ${missing.join(', ')}: run "epo-export migrate" first.`);
  }
  const boss = openQueues(databaseUrl, logger, false);
  await boss.start();
  const bridges = new Bridges(settings, logger);
  const publicStore = new PublicStore(settings.publicDir);
  const registry = processRegistry();
  const ledger = new LedgerMetrics(registry, db);
  watchBridges(registry, bridges);
  const projects = new ProjectService(db, settings.project_object_limit);
  const identities = openIdentities(settings.identity, db, logger);
  const api = await buildApi(
    {
      settings,
      identities: identities.provider,
      projects,
      grants: new GrantService(db, settings),
      exports: new ExportService({
        db,
        jobs: new JobSender(boss),
        bridges,
        projects,
        publicStore,
        settings
      }),
      notifications: new NotificationService(db, settings.public_url),
      ping: async () => {
        await sql`SELECT 1`.execute(db);
      },
      registry
    },
    logger
  );
  const publicDoor = publicServer(publicStore, logger);
  let isStopping = false;
  const internal = internalServer({
    registry,
    refresh: () => ledger.refresh(),
    whyNotReady: async () => (isStopping ? STOPPING : whyDatabaseIsNotReady(db)),
    logger
  });
  bridges.warm();
  return {
    api,
    publicDoor,
    internal,
    close: async () => {
      isStopping = true;
      await api.close();
      await identities.close();
      publicDoor.close();
      publicDoor.closeAllConnections();
      internal.close();
      internal.closeAllConnections();
      bridges.close();
      await boss.stop({ graceful: false });
      await db.destroy();
    }
  };
}

export interface WorkerProcess {
  readonly worker: Worker;
  readonly clock: StageClock;
  /** For the platform alone: metrics and health. */
  readonly internal: Server;
  close(): Promise<void>;
}

/** @throws Error where the database lacks migrations */
export async function makeWorker(
  settings: Settings,
  databaseUrl: string,
  logger: Logger
): Promise<WorkerProcess> {
  const db = connect(databaseUrl, error =>
    logger.warn({ err: error }, 'a database connection broke')
  );
  const missing = await missingMigrations(db);
  if (missing.length > 0) {
    await db.destroy();
    throw new Error(`The database lacks ${missing.join(', ')}: run "epo-export migrate" first.`);
  }
  const boss = openQueues(databaseUrl, logger, true);
  await boss.start();
  const bridges = new Bridges(settings, logger);
  const outcomes = Compile(ExamineOutcome);
  const pool = new WorkPool<ExamineTask, ExamineOutcome>({
    entry: new URL('pipeline/examine-child.ts', import.meta.url),
    size: settings.workers,
    readOutcome: outcome => outcomes.Parse(outcome),
    ...EXAMINE_LIMITS
  });
  const readBack = new ReadBack(settings.public_url);
  const clock = new StageClock();
  const registry = processRegistry();
  watchBridges(registry, bridges);
  watchPool(registry, pool, clock);
  const worker = new Worker(
    {
      db,
      jobs: new JobSender(boss),
      source: new PullSource(bridges),
      pool,
      quarantine: new Quarantine(settings.quarantineDir),
      publicStore: new PublicStore(settings.publicDir),
      policy: policyOf(settings.identity.mode),
      readBack,
      clock,
      metrics: new WorkMetrics(registry),
      settings,
      logger
    },
    boss
  );
  const notifications = settings.semaphore && openSender(settings, settings.semaphore, db, logger);
  let isStopping = false;
  const internal = internalServer({
    registry,
    whyNotReady: async () => (isStopping ? STOPPING : whyDatabaseIsNotReady(db)),
    logger
  });
  bridges.warm();
  pool.warm();
  notifications?.sender.start();
  return {
    worker,
    clock,
    internal,
    close: async () => {
      isStopping = true;
      await notifications?.sender.stop();
      await notifications?.semaphore.close();
      const allEnded = await worker.stop();
      await pool.close();
      bridges.close();
      internal.close();
      internal.closeAllConnections();
      if (allEnded) {
        // What was given back may wait on either for long; it ends with this process.
        await readBack.close();
        await db.destroy();
      }
    }
  };
}

function openSender(
  { public_url }: Settings,
  settings: SemaphoreSettings,
  db: Database,
  logger: Logger
) {
  const semaphore = new SemaphoreClient(settings);
  const sender = new Sender({
    db,
    semaphore,
    publicUrl: public_url,
    retrySeconds: settings.retry_seconds,
    logger
  });
  return { semaphore, sender };
}

/** With Node's own figures: memory, CPU, the event loop's delay. */
function processRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
