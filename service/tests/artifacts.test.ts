/** What a PI can point a dataset at. Each is refused by name and reason, and the rest of the export goes on. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { checkSettings, SettingsError } from '../src/config.ts';
import type { Item } from '../src/exports/schemas.ts';
import { Client, errorOf, submissionOf } from './support/client.ts';
import { fetchPublic, filesBelow, sha256 } from './support/door.ts';
import { commonSettings, startService, type TestService } from './support/service.ts';

const { hostile, uri, zipped } = inject('repository');
const WITHOUT_A_GOOD_FILE = ['u/mallory/linked', 'u/mallory/%2e%2e/alien'];

let service: TestService;
const items = new Map<string, Item>();

beforeAll(async () => {
  service = await startService();
  const mallory = new Client(service, 'mallory');
  const ids = [(await mallory.publish('u/mallory/hostile')).id];
  for (const run of WITHOUT_A_GOOD_FILE) {
    ids.push((await mallory.reaches(await mallory.begin(run), 'FAILED')).id);
  }
  for (const item of (await Promise.all(ids.map(id => mallory.items(id)))).flat()) {
    items.set(item.dataset_id, item);
  }
});

afterAll(async () => {
  await service?.close();
});

function itemOf(what: string): Item | undefined {
  return items.get(hostile[what]?.id ?? '');
}

describe('a dataset whose artifact is', () => {
  const refused = Object.entries(hostile).filter(
    ([, { fate }]) => fate !== 'PUBLISHED' && fate !== 'MISSING'
  );

  test.each(refused.map(([what, { fate }]) => [what, fate] as const))(
    '%s is refused as %s, and nothing of it is kept',
    async (what, fate) => {
      const item = itemOf(what);
      expect(item).toMatchObject({
        state: 'REFUSED',
        reason: { type: fate, msg: expect.stringMatching(/\w.*\.$/) },
        url: null,
        source_sha256: null,
        published_sha256: null
      });
      const files = await filesBelow(service, 'quarantine');
      expect(files.filter(path => path.includes(item?.dataset_id ?? ''))).toEqual([]);
    }
  );

  test('a file that is gone is missing', () => {
    expect(itemOf('a file that is gone')).toMatchObject({
      state: 'MISSING',
      reason: { type: 'missing' }
    });
  });

  test('a good file among them is published', () => {
    expect(itemOf('a good file')?.state).toBe('PUBLISHED');
  });
});

test("another PI's bytes are nowhere in public or quarantine", async () => {
  const loot = sha256(await readFile(`${uri}-outside/loot.png`));
  for (const area of ['public', 'quarantine'] as const) {
    for (const path of await filesBelow(service, area)) {
      const bytes = await readFile(join(service.directory, 'data', area, path));
      expect(sha256(bytes)).not.toBe(loot);
    }
  }
});

test('files that belong to another user than the grantor are refused', async () => {
  const guest = new Client(service, 'guest');
  const { id } = await guest.reaches(await guest.begin('u/guest/not-his-files'), 'FAILED');
  expect((await guest.items(id)).map(({ reason }) => reason?.type)).toEqual([
    'not_the_grantors',
    'not_the_grantors'
  ]);
});

describe('a zip in the datastore', () => {
  test('has its members published, each with its own bytes', async () => {
    expect(zipped['u/alien/zipped']).toMatch(/\.zip$/);
    const alien = new Client(service, 'alien');
    const { id, counts } = await alien.publish('u/alien/zipped');
    expect(counts).toMatchObject({ total: 3, published: 3 });
    const published = await alien.items(id);
    for (const item of published) {
      expect(sha256(await fetchPublic(item.url ?? ''))).toBe(item.source_sha256);
    }
    expect(new Set(published.map(item => item.source_sha256)).size).toBe(3);
  });

  test('that was exchanged for another PI’s is refused', async () => {
    const mallory = new Client(service, 'mallory');
    const { id } = await mallory.reaches(await mallory.begin('u/mallory/forged'), 'FAILED');
    expect((await mallory.items(id)).map(({ reason }) => reason?.type)).toEqual(
      Array.from({ length: 3 }, () => 'zip_not_readable')
    );
  });

  test('leaves nothing in quarantine, published or refused', async () => {
    expect(await filesBelow(service, 'quarantine')).toEqual([]);
  });
});

describe('the repositories that the service opens', () => {
  test('are those that its operator named: no path, no other label', async () => {
    const alien = new Client(service, 'alien');
    const wish = submissionOf(await alien.project(), 'u/alien/story');
    expect(errorOf(await alien.submit({ ...wish, repository: 'unknown' }))).toEqual([
      404,
      'repository_unknown'
    ]);
    expect(errorOf(await alien.submit({ ...wish, repository: uri }))).toEqual([422, 'invalid']);
    const json = { repository: 'unknown', collection: 'u/alien/story', kind: 'run' };
    const grant = await alien.call('POST', '/grants', { json: { ...json, expires_in_days: 1 } });
    expect(errorOf(grant)).toEqual([404, 'repository_unknown']);
  });

  test.each([
    ['by its group', 0o664],
    ['by everybody', 0o646]
  ])('have no configuration that can be written %s', async (_by, mode) => {
    const directory = await mkdtemp(join(tmpdir(), 'epo-settings-'));
    await writeFile(join(directory, 'butler.yaml'), 'datastore: {}\n');
    await chmod(join(directory, 'butler.yaml'), mode);
    const settings = {
      ...(await commonSettings(directory)),
      repositories: [{ label: 'loose', uri: directory }]
    };
    expect(() => checkSettings(settings)).toThrow(SettingsError);
    await chmod(join(directory, 'butler.yaml'), 0o644);
    expect(checkSettings(settings).repositories).toHaveLength(1);
    await rm(directory, { recursive: true });
  });
});
