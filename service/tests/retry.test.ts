import { rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Export } from '../src/exports/schemas.ts';
import { bodyOf, Client, errorOf } from './support/client.ts';
import { fetchManifest, fetchPublic } from './support/door.ts';
import { fail } from './support/fail.ts';
import { startService, type TestService } from './support/service.ts';
import { until } from './support/until.ts';

let service: TestService;
let alien: Client;

beforeAll(async () => {
  service = await startService();
  alien = new Client(service, 'alien');
});

afterAll(async () => {
  await service?.close();
});

test('good cutouts among bad ones are published, and each bad one is refused by name and reason', async () => {
  const published = await alien.publish('u/alien/mixed');
  const fates = (await alien.items(published.id)).map(item => [
    item.dataset_id,
    item.reason?.type ?? item.state
  ]);
  expect(Object.fromEntries(fates)).toEqual(inject('repository').mixed);
  expect(published.reasons.map(({ type }) => type).toSorted()).toEqual(
    Object.values(inject('repository').mixed)
      .filter(fate => fate !== 'PUBLISHED')
      .toSorted()
  );
});

test('a JPEG is published without what its metadata said', async () => {
  const { id } = await alien.publish('u/alien/mixed');
  const [jpeg] = (await alien.items(id)).filter(item => item.media_type === 'image/jpeg');
  const bytes = await fetchPublic(jpeg?.url ?? '');
  expect(jpeg?.url).toMatch(/\.jpg$/);
  expect(bytes.includes('objectId')).toBe(false);
  expect(jpeg?.published_sha256).not.toBe(jpeg?.source_sha256);
});

/** The files of an export's items that are in `state`. */
async function sources(id: string, state: string): Promise<string[]> {
  const rows = await service.database.query<{ uri: string }>(
    'SELECT uri FROM items WHERE export_id = $1 AND state = $2',
    [id, state]
  );
  return rows.map(({ uri }) => fileURLToPath(uri));
}

async function move(paths: readonly string[], from: string, to: string): Promise<void> {
  await Promise.all(paths.map(path => rename(`${path}${from}`, `${path}${to}`)));
}

describe('a retry', () => {
  test('looks again at what was missing, without listing anew', async () => {
    const published = await alien.publish('u/alien/mended');
    const files = await sources(published.id, 'PUBLISHED');
    await move(files, '', '.away');
    const id = await alien.begin('u/alien/mended');
    const failed = await alien.reaches(id, 'FAILED');
    expect(failed).toMatchObject({
      reason: { type: 'nothing_to_publish' },
      counts: { missing: 2 },
      actions: ['cancel', 'retry']
    });
    await move(files, '.away', '');
    const retried = await alien.call('POST', `/exports/${id}/retry`);
    expect(bodyOf(retried, 200, Export)).toMatchObject({ state: 'SUBMITTED', reason: null });
    expect((await alien.reaches(id, 'PUBLISHED')).counts).toMatchObject({ total: 2, published: 2 });
    const listings = await service.database.query(
      "SELECT FROM audit_events WHERE export_id = $1 AND action = 'list'",
      [id]
    );
    expect(listings).toHaveLength(1);
  });

  test('reads nothing again that was retrieved before, and publishes each item once', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/retried');
    await service.runWorkerUntil('collect.committed');
    await fail(service, id);
    const retrieved = await sources(id, 'CHECKED');
    expect(retrieved.length).toBeGreaterThan(0);
    await move(retrieved, '', '.away');
    await alien.call('POST', `/exports/${id}/retry`);
    await service.startWorker();
    const published = await alien.reaches(id, 'PUBLISHED');
    await move(retrieved, '.away', '');
    expect(published.counts).toMatchObject({ total: 20, published: 20 });
    const rows = await fetchManifest(published.manifest_url);
    const urls = rows.map(row => row['location:image_0'] ?? '');
    expect(new Set(urls).size).toBe(20);
    await Promise.all(urls.map(fetchPublic));
  });

  test('is not for what was published or cancelled', async () => {
    const published = await alien.publish('u/alien/mended');
    await service.stopWorker();
    const cancelled = await alien.begin('u/alien/mended');
    await alien.call('POST', `/exports/${cancelled}/cancel`);
    await service.startWorker();
    for (const id of [published.id, cancelled]) {
      expect(errorOf(await alien.call('POST', `/exports/${id}/retry`))).toEqual([
        409,
        'wrong_state'
      ]);
    }
  });
});

describe('an export that failed while it was being published', () => {
  test('and is then cancelled takes back what was public already, and its ledger says so', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/retried');
    await service.runWorkerUntil('publish.committed');
    const before = await alien.items(id, '&state=PUBLISHED');
    expect(before.length).toBeGreaterThan(0);
    await fail(service, id);
    await service.startWorker();
    const cancelled = await alien.call('POST', `/exports/${id}/cancel`);
    expect(bodyOf(cancelled, 200, Export)).toMatchObject({
      state: 'CANCELLED',
      counts: { published: 0, withdrawn: before.length }
    });
    for (const { url } of before) {
      await until(`${url} is gone`, async () => (await fetch(url ?? '')).status !== 200);
    }
    const after = await alien.items(id);
    expect(after.filter(item => item.url !== null || item.state === 'PUBLISHED')).toEqual([]);
  });
});
