/** `epo-export serve`: everything on one machine, each part a process of its own. */
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Settings } from '../config.ts';
import { migrate } from '../database/migrate.ts';
import { SupervisedChild } from './child.ts';
import { embeddedDatabase, SERVICE_ROLE, type EmbeddedDatabase } from './postgres.ts';

const WATCH_MS = 500;

/**
 * Runs until `stopped` aborts.
 *
 * @param command - our own program, for the children
 * @param onReady - told once, when everything answers
 */
export async function serve(
  settings: Settings,
  command: { readonly program: string; readonly settingsPath: string },
  logger: Logger,
  stopped: AbortSignal,
  onReady: () => void
): Promise<void> {
  const runDir = join(settings.data_dir, 'run');
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  await mkdir(settings.quarantineDir, { recursive: true, mode: 0o700 });
  await mkdir(settings.publicDir, { recursive: true, mode: 0o700 });
  const release = await holdAlone(join(runDir, 'supervisor.sock'), settings.data_dir);
  await writeFile(join(runDir, 'supervisor.pid'), `${process.pid}\n`);

  const database =
    settings.database_url === undefined ? await ownDatabase(settings, runDir, logger) : undefined;
  const databaseUrl = database?.db.serviceUrl ?? settings.database_url ?? '';
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    EPO_EXPORT_CONFIG: command.settingsPath
  };
  const children = (['api', 'worker'] as const).map(
    name =>
      new SupervisedChild(name, [command.program, name], env, join(runDir, `${name}.pid`), logger)
  );
  try {
    await untilStopped(Promise.all(children.map(child => child.start())), stopped);
    if (!stopped.aborted) {
      onReady();
      await new Promise(resolve => stopped.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    await Promise.all(children.map(child => child.stop((settings.stop_seconds + 5) * 1000)));
    await database?.stop();
    await release();
  }
}

/** Our PostgreSQL, up, migrated and watched: if it ends, it is started again. */
async function ownDatabase(
  settings: Settings,
  runDir: string,
  logger: Logger
): Promise<{ db: EmbeddedDatabase; stop(): Promise<void> }> {
  const db = await embeddedDatabase(settings.database_dir ?? defaultDatabaseDir(settings.data_dir));
  if ((await db.pid()) !== undefined) {
    logger.warn('a PostgreSQL that an earlier supervisor left behind is stopped first');
    await db.stop();
  }
  const notePid = async () =>
    writeFile(join(runDir, 'postgres.pid'), `${(await db.pid()) ?? ''}\n`);
  await db.start();
  await notePid();
  await migrate(db.ownerUrl, SERVICE_ROLE);

  let isStopping = false;
  let watching = Promise.resolve();
  const watch = async () => {
    if ((await db.pid()) === undefined) {
      logger.warn('PostgreSQL ended and is started again');
      await db.start();
      await notePid();
    }
  };
  const timer = setInterval(() => {
    watching = watching
      .then(() => (isStopping ? undefined : watch()))
      .catch((error: unknown) =>
        logger.error({ err: error }, 'PostgreSQL does not start; trying again')
      );
  }, WATCH_MS);
  return {
    db,
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await watching;
      await db.stop();
    }
  };
}

/**
 * Beside the rest, where PostgreSQL can live there: its socket's path has 107 characters at most, and as root it runs
 * as another user, who may not see ours.
 */
export function defaultDatabaseDir(dataDir: string): string {
  const beside = join(dataDir, 'database');
  if (process.getuid?.() !== 0 && beside.length <= 80) {
    return beside;
  }
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return `/var/tmp/epo-export-${process.getuid?.() ?? 0}-${name}`;
}

/**
 * Two supervisors on one directory would tear its database apart. A socket that nobody answers is a dead one's.
 *
 * @throws Error where another answers
 */
async function holdAlone(path: string, dataDir: string): Promise<() => Promise<void>> {
  const isHeld = await new Promise<boolean>(resolve => {
    const probe = connectSocket(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
  if (isHeld) {
    throw new Error(`Another "epo-export serve" runs on ${dataDir}.`);
  }
  await rm(path, { force: true });
  const server = createServer(socket => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return async () => {
    await new Promise(resolve => server.close(resolve));
    await rm(path, { force: true });
  };
}

async function untilStopped(work: Promise<unknown>, stopped: AbortSignal): Promise<void> {
  await Promise.race([
    work,
    new Promise(resolve => stopped.addEventListener('abort', resolve, { once: true }))
  ]);
}
