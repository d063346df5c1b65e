/**
 * Rule 3: `kill -9` at any moment, of any process, the database included, loses nothing and publishes nothing twice.
 * Several instances side by side, since each waits more than it works: a dead worker's job goes to another after ten
 * seconds without a sign of life.
 */
import { describe, expect, test } from 'vitest';
import { PIPELINE_POINTS, type Failpoint } from '../../src/pipeline/failpoint.ts';
import { Client } from '../support/client.ts';
import { fetchManifest, fetchPublic, filesBelow, sha256 } from '../support/door.ts';
import { Instance } from '../support/instance.ts';
import { until } from '../support/until.ts';

type Victim = 'worker' | 'api' | 'supervisor' | 'postgres';

const KILLS: readonly (readonly [Victim, Failpoint])[] = [
  // Those that wait longest first, so that the last ones do not wait alone.
  ['postgres', 'list.before_commit'],
  ['postgres', 'collect.synced'],
  ['postgres', 'publish.read_back'],
  ['supervisor', 'collect.written'],
  ['supervisor', 'publish.renamed'],
  ['supervisor', 'finish.manifest_written'],
  ...PIPELINE_POINTS.map(point => ['worker', point] as const),
  ['api', 'collect.synced'],
  ['api', 'publish.renamed']
];

const RUN = 'u/alien/thirty';
const ITEMS = 30;
const CHUNKS = 3;

describe.concurrent('an export ends published, each item once, after kill -9 of the', () => {
  test.for(KILLS)('%s at %s', async ([victim, point]) => {
    const instance = await Instance.make();
    try {
      await instance.start(`${point}:${victim === 'worker' ? 'self' : victim}`);
      const alien = new Client(instance, 'alien');
      const id = await alien.begin(RUN);
      await until(`${victim} is killed`, () => instance.hasKilled(point));
      if (victim === 'supervisor') {
        await instance.ended();
        await instance.start();
      }
      await isPublished(alien, id);
      await expectEachItemOnce(instance, alien, id);
    } finally {
      await instance.close();
    }
  });
});

/** Asks again where nobody answers, as a client does while processes are killed and started. */
async function isPublished(alien: Client, id: string): Promise<void> {
  let seen: unknown;
  const state = await until(
    'the export has ended',
    async () => {
      const shown = await alien.show(id).catch((error: unknown) => void (seen = error));
      seen = shown ?? seen;
      return shown && shown.waits_for !== 'system' ? shown.state : undefined;
    },
    { every: 250, last: () => String(seen) }
  );
  expect(state).toBe('PUBLISHED');
}

async function expectEachItemOnce(instance: Instance, alien: Client, id: string): Promise<void> {
  const { counts, manifest_url: manifestUrl } = await alien.show(id);
  expect(counts).toMatchObject({ total: ITEMS, published: ITEMS });
  const items = await alien.items(id);
  expect(new Set(items.map(item => item.dataset_id)).size).toBe(ITEMS);
  const urls = items.map(item => item.url ?? '');
  expect(new Set(urls).size).toBe(ITEMS);
  for (const item of items) {
    expect(sha256(await fetchPublic(item.url ?? ''))).toBe(item.source_sha256);
  }

  const rows = await fetchManifest(manifestUrl);
  expect(rows.map(row => row['location:image_0'])).toEqual(urls);
  expect(new Set(rows.map(row => row['external_id'])).size).toBe(ITEMS);

  const names = (await filesBelow(instance, 'public')).filter(path => !path.endsWith('index.json'));
  const published = [...urls, manifestUrl ?? ''].map(url => new URL(url).pathname.slice(1));
  expect(names).toEqual(published.toSorted());
  expect(await filesBelow(instance, 'quarantine')).toEqual([]);

  const events = await instance.query<{ what: string }>(
    `SELECT action || coalesce(' ' || subject, '') AS what FROM audit_events WHERE export_id = $1`,
    [id]
  );
  const chunks = Array.from({ length: CHUNKS }, (_, chunk) => chunk);
  expect(events.map(({ what }) => what).toSorted()).toEqual(
    [
      ...['submit', 'collect', 'list', 'pass', 'publish', 'complete'],
      ...chunks.flatMap(chunk => [`collect chunk ${chunk}`, `publish_chunk chunk ${chunk}`])
    ].toSorted()
  );
}
