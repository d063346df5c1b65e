/** What the platform sees of a running service: figures, and whether it lives and can work. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './support/client.ts';
import { probe, samples } from './support/probe.ts';
import { freePorts, startService, type TestService } from './support/service.ts';
import { until } from './support/until.ts';

let service: TestService;
let alien: Client;
let apiPort: number;
let workerPort: number;

beforeAll(async () => {
  [apiPort, workerPort] = await freePorts();
  service = await startService({ internal: { api_port: apiPort, worker_port: workerPort } });
  alien = new Client(service, 'alien');
});

afterAll(async () => {
  await service?.close();
});

describe('the figures', () => {
  test('count exports by state, items by fate and the time of each chunk', async () => {
    await alien.publish('u/alien/thirty');
    // The export is PUBLISHED a moment before its last job ends.
    const worker = await until('the last job is counted', async () => {
      const seen = await samples(workerPort);
      const key = 'epo_export_job_duration_seconds_count{job="finish",outcome="done"}';
      return seen.get(key) === 1 ? seen : undefined;
    });
    expect(worker.get('epo_export_items_total{fate="CHECKED"}')).toBe(30);
    expect(worker.get('epo_export_items_total{fate="PUBLISHED"}')).toBe(30);
    for (const job of ['collect', 'publish']) {
      expect(worker.get(`epo_export_job_duration_seconds_count{job="${job}",outcome="done"}`)).toBe(
        3
      );
    }
    expect(worker.get('epo_export_stage_cpu_seconds_total{stage="check"}')).toBeGreaterThan(0);
    expect(worker.get('epo_export_pool_processes')).toBe(1);
    expect(worker.get('epo_export_pool_deaths_total{cause="crash"}')).toBe(0);
    expect(worker.get('epo_export_bridge_restarts_total{repository="test"}')).toBe(0);

    const api = await samples(apiPort);
    expect(api.get('epo_export_ledger_up')).toBe(1);
    expect(api.get('epo_export_exports{state="PUBLISHED"}')).toBe(1);
    // That it is public, and that the files can go: nobody set Semaphore.
    expect(api.get('epo_export_notifications_waiting')).toBe(2);
    expect(api.get('epo_export_exports{state="FAILED"}')).toBe(0);
    expect(api.get('epo_export_queue_jobs{queue="collect",state="waiting"}')).toBe(0);
  });

  test('count an item that is refused', async () => {
    const before = (await samples(workerPort)).get('epo_export_items_total{fate="REFUSED"}') ?? 0;
    const id = await alien.begin('u/alien/mixed');
    const shown = await until('it has ended', async () => {
      const seen = await alien.show(id);
      return seen.waits_for === 'system' ? undefined : seen;
    });
    expect(shown.counts.refused).toBeGreaterThan(0);
    const after = (await samples(workerPort)).get('epo_export_items_total{fate="REFUSED"}') ?? 0;
    expect(after - before).toBe(shown.counts.refused);
  });

  test("give the depth of the queue and its oldest job's age while no worker runs", async () => {
    await service.stopWorker();
    await alien.begin('u/alien/thirty');
    const key = 'epo_export_queue_oldest_seconds{queue="list"}';
    const api = await until('the job has waited', async () => {
      const seen = await samples(apiPort);
      return (seen.get(key) ?? 0) > 0 ? seen : undefined;
    });
    expect(api.get('epo_export_queue_jobs{queue="list",state="waiting"}')).toBe(1);
    expect(api.get('epo_export_exports{state="SUBMITTED"}')).toBe(1);
    await service.startWorker();
  });

  test('measure requests by the pattern of their route, so that ids do not become labels', async () => {
    await alien.call('GET', '/exports/00000000-0000-4000-8000-000000000000');
    await alien.call('GET', '/no/such/path');
    const keys = [...(await samples(apiPort)).keys()].filter(key =>
      key.startsWith('epo_export_http_request_duration_seconds_count')
    );
    expect(keys).toContain(
      'epo_export_http_request_duration_seconds_count{method="GET",route="/epo-export/v1/exports/:export_id",status="404"}'
    );
    expect(keys).toContain(
      'epo_export_http_request_duration_seconds_count{method="GET",route="none",status="404"}'
    );
    expect(keys.join('\n')).not.toContain('00000000-0000');
  });

  test('are at neither port that an ingress leads to', async () => {
    for (const origin of [new URL(service.api).origin, service.door]) {
      for (const path of ['/metrics', '/health/ready', '/epo-export/metrics']) {
        expect((await fetch(`${origin}${path}`)).status).toBe(404);
      }
    }
  });

  test('are read, not written, and nothing else is there', async () => {
    const answer = await fetch(`http://127.0.0.1:${apiPort}/metrics`, { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await probe(apiPort, '/')).status).toBe(404);
  });
});

describe('health', () => {
  const readiness = async () =>
    Promise.all([apiPort, workerPort].map(port => probe(port, '/health/ready')));
  const liveness = async () =>
    Promise.all(
      [apiPort, workerPort].map(async port => (await probe(port, '/health/live')).status)
    );

  test('is good while all is well', async () => {
    expect((await readiness()).map(({ status }) => status)).toEqual([200, 200]);
    expect(await liveness()).toEqual([200, 200]);
  });

  test('says not ready while the schema is old, and goes on living', async () => {
    const { query } = service.database;
    const [last] = await query<{ name: string; timestamp: string }>(
      'DELETE FROM kysely_migration WHERE name = (SELECT max(name) FROM kysely_migration) RETURNING name, timestamp'
    );
    if (!last) {
      throw new Error('the database had no migration');
    }
    try {
      for (const { status, text } of await readiness()) {
        expect([status, text]).toEqual([
          503,
          `the database lacks ${last.name}: run "epo-export migrate"\n`
        ]);
      }
      expect(await liveness()).toEqual([200, 200]);
    } finally {
      await query('INSERT INTO kysely_migration (name, timestamp) VALUES ($1, $2)', [
        last.name,
        last.timestamp
      ]);
    }
    expect((await readiness()).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('says not ready while the database is away, goes on living, and is well when it is back', async () => {
    const restore = await service.database.shut();
    try {
      for (const { status, text } of await readiness()) {
        expect([status, text]).toEqual([503, 'the database does not answer\n']);
      }
      expect(await liveness()).toEqual([200, 200]);
      expect((await samples(apiPort)).get('epo_export_ledger_up')).toBe(0);
      expect((await fetch(new URL('/', service.api))).status).toBe(503);
    } finally {
      await restore();
    }
    await until('both are ready again', async () =>
      (await readiness()).every(({ status }) => status === 200)
    );
  });
});
