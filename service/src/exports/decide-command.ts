/** `epo-export decide`: how an operator decides until there is a page for it. */
import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { SettingsError, type Settings } from '../config.ts';
import { connect } from '../database/database.ts';
import { JobSender, openQueues } from '../jobs/queues.ts';
import { PublicStore } from '../objects/public-store.ts';
import { embeddedDatabase } from '../supervisor/postgres.ts';
import { defaultDatabaseDir } from '../supervisor/serve.ts';
import { DecisionRefused, decideOnExport } from './decision.ts';

export interface DecideOptions {
  readonly approve?: true;
  readonly reject?: true;
  readonly why: string;
  readonly by?: string;
}

/**
 * @returns a sentence for the operator
 * @throws SettingsError with the sentence that says why nothing was decided
 */
export async function decideByCommand(
  settings: Settings,
  id: string,
  { approve, reject, why, by }: DecideOptions,
  logger: Logger
): Promise<string> {
  if (!approve && !reject) {
    throw new SettingsError('Say --approve or --reject.');
  }
  const url = settings.database_url ?? (await runningDatabase(settings));
  const db = connect(url, error => logger.warn({ err: error }, 'a database connection broke'), 2);
  const boss = openQueues(url, logger, false);
  const osUser = userInfo().username;
  try {
    await boss.start();
    return await decideOnExport(
      { db, jobs: new JobSender(boss), publicStore: new PublicStore(settings.publicDir) },
      id,
      { verdict: approve ? 'approve' : 'reject', by: by ?? osUser, why, osUser }
    );
  } catch (error) {
    throw error instanceof DecisionRefused ? new SettingsError(error.message) : error;
  } finally {
    await boss.stop({ graceful: false });
    await db.destroy();
  }
}

/** The PostgreSQL that `serve` runs on this machine. It is not made here, and not started. */
async function runningDatabase({ database_dir, data_dir }: Settings): Promise<string> {
  const directory = database_dir ?? defaultDatabaseDir(data_dir);
  const exists = await access(join(directory, 'data', 'PG_VERSION')).then(
    () => true,
    () => false
  );
  const database = exists ? await embeddedDatabase(directory) : undefined;
  if (!database || (await database.pid()) === undefined) {
    throw new SettingsError(
      'This command needs the service’s database: start "epo-export serve" on this machine, or set DATABASE_URL.'
    );
  }
  return database.serviceUrl;
}
