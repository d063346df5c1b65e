import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { embeddedDatabase, type EmbeddedDatabase } from '../src/supervisor/postgres.ts';
import { until } from './support/until.ts';

let directory: string;
let database: EmbeddedDatabase;
let bystander: ChildProcess;

beforeAll(async () => {
  directory = await mkdtemp('/tmp/epo-pg-');
  database = await embeddedDatabase(directory);
  bystander = spawn('sleep', ['3600'], { stdio: 'ignore' });
});

beforeEach(async () => {
  await database.start();
});

afterAll(async () => {
  bystander.kill('SIGKILL');
  await database.stop();
  await rm(directory, { recursive: true });
});

async function answers(): Promise<boolean> {
  const client = new pg.Client({ connectionString: database.serviceUrl });
  try {
    await client.connect();
    return (await client.query('SELECT 1')).rowCount === 1;
  } finally {
    await client.end().catch(() => {}); // it may not have connected
  }
}

/** Ends PostgreSQL as a power cut does, so that its note of its pid stays behind. */
async function cutPower(): Promise<void> {
  const pid = await database.pid();
  if (pid === undefined) {
    throw new Error('PostgreSQL does not run');
  }
  process.kill(pid, 'SIGKILL');
  await until('PostgreSQL is gone', async () => (await database.pid()) === undefined);
}

test('starts again after kill -9', async () => {
  await cutPower();
  await database.start();
  expect(await answers()).toBe(true);
});

test('is found by another supervisor, which a second start leaves as it is', async () => {
  const pid = await database.pid();
  const another = await embeddedDatabase(directory);
  await another.start();
  expect(await another.pid()).toBe(pid);
});

test('is not taken for a process that got its pid after a restart of the machine, which is left in peace', async () => {
  await cutPower();
  const note = join(directory, 'data', 'postmaster.pid');
  const [, ...rest] = (await readFile(note, 'utf8')).split('\n');
  await writeFile(note, [bystander.pid, ...rest].join('\n'));
  expect(await database.pid()).toBeUndefined();
  await database.stop();
  await database.start();
  expect(await answers()).toBe(true);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});
