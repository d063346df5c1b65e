/** SIGTERM, as Kubernetes sends it: a worker finishes the chunk in its hands, or gives it back in time. */
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { Client } from './support/client.ts';
import { probe } from './support/probe.ts';
import { freePorts, startService, type TestService } from './support/service.ts';
import { until } from './support/until.ts';

/** 30 items, 10 a chunk, of which a worker has two in hand at a time. */
const RUN = 'u/alien/thirty';

let service: TestService;
let alien: Client;
let workerPort: number;
let ledger: pg.Client;

async function start(stopSeconds: number): Promise<void> {
  const [apiPort, port] = await freePorts();
  workerPort = port;
  service = await startService({
    stop_seconds: stopSeconds,
    internal: { api_port: apiPort, worker_port: port }
  });
  alien = new Client(service, 'alien');
  ledger = new pg.Client({ connectionString: service.database.serviceUrl });
  await ledger.connect();
}

/** Submits an export and holds its row, so that no chunk of it can be written into the ledger. */
async function holdUp(): Promise<string> {
  const { query } = service.database;
  await service.stopWorker();
  const id = await alien.begin(RUN);
  await service.startWorker();
  // Listed, with its chunks in the queue, before the row is held.
  await until(
    'the export is listed',
    async () => {
      await ledger.query('BEGIN');
      const { rows } = await ledger.query<{ state: string }>(
        'SELECT state FROM exports WHERE id = $1 FOR UPDATE',
        [id]
      );
      const chunks = await query('SELECT FROM chunks WHERE export_id = $1 AND collected IS NULL', [
        id
      ]);
      if (rows[0]?.state === 'COLLECTING' && chunks.length > 0) {
        return true;
      }
      await ledger.query('COMMIT');
      if (rows[0]?.state !== 'SUBMITTED') {
        throw new Error(`It went on too fast to be held: ${rows[0]?.state}`);
      }
      return false;
    },
    { every: 5 }
  );
  await until(
    'a chunk waits to be written',
    async () =>
      (
        await query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database()
           AND wait_event_type = 'Lock' AND query LIKE '%"exports"%for update%'`
        )
      ).length > 0
  );
  return id;
}

async function jobs(): Promise<{ waiting: number; active: number }> {
  const rows = await service.database.query<{ state: string }>(
    `SELECT state::text FROM pgboss.job WHERE name = 'collect'`
  );
  return {
    waiting: rows.filter(({ state }) => state === 'created' || state === 'retry').length,
    active: rows.filter(({ state }) => state === 'active').length
  };
}

async function collected(id: string): Promise<number> {
  const rows = await service.database.query(
    'SELECT FROM chunks WHERE export_id = $1 AND collected IS NOT NULL',
    [id]
  );
  return rows.length;
}

afterEach(async () => {
  await ledger?.end();
  await service?.close();
});

test('a worker that is told to stop finishes what it has in hand and takes no more', async () => {
  await start(3600);
  const id = await holdUp();
  const before = await collected(id);
  const inHand = (await jobs()).active;
  expect(inHand).toBeGreaterThan(0);
  const stopped = service.stopWorker();
  await until('it says that it stops', async () => {
    const { status, text } = await probe(workerPort, '/health/ready');
    return status === 503 && text === 'this process is stopping\n';
  });
  await ledger.query('COMMIT');
  await stopped;
  expect(await collected(id)).toBe(before + inHand);
  expect(await jobs()).toEqual({ active: 0, waiting: 3 - before - inHand });
  await service.startWorker();
  await alien.reaches(id, 'PUBLISHED');
});

test('a worker that cannot finish in time gives its chunks back and ends; another does them', async () => {
  await start(1);
  const id = await holdUp();
  const before = await collected(id);
  await service.stopWorker(); // while the row is still held
  expect(await collected(id)).toBe(before);
  expect(await jobs()).toEqual({ active: 0, waiting: 3 - before });
  await ledger.query('COMMIT');
  await service.startWorker();
  const published = await alien.reaches(id, 'PUBLISHED');
  expect(published.counts).toMatchObject({ total: 30, published: 30 });
});

test('a worker that has nothing in hand does not wait out its grace period', async () => {
  await start(3600);
  await service.stopWorker();
  expect(await service.log()).toContain('"event":"stopped"');
});
