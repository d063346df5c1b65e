import { inject, afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PreflightReport } from '../src/exports/schemas.ts';
import { bodyOf, Client, submissionOf } from './support/client.ts';
import { recordsOf } from './support/csv.ts';
import { fetchManifest, fetchPublic } from './support/door.ts';
import { startService, type TestService } from './support/service.ts';

let service: TestService;
let alien: Client;

beforeAll(async () => {
  service = await startService();
  alien = new Client(service, 'alien');
});

afterAll(async () => {
  await service?.close();
});

describe('what a pick covers', () => {
  test("a chain is exported without another PI's run, and the PI is told", async () => {
    await alien.grant('u/alien/batch', { kind: 'chain' });
    const {
      project_id: _project,
      subject_set: _set,
      ...wish
    } = submissionOf('', 'u/alien/batch', 'chain');
    const answer = await alien.call('POST', '/exports/preflight', { json: wish });
    expect(bodyOf(answer, 200, PreflightReport)).toMatchObject({
      ok: true,
      total: 5,
      collections: [{ left_out: ['u/other/private-1'] }],
      warnings: [{ type: 'runs_left_out', msg: expect.stringContaining('u/other/private-1') }]
    });
    const { id, notes } = await alien.publish('u/alien/batch', { kind: 'chain' });
    expect(notes.map(({ type }) => type)).toEqual(['runs_left_out']);
    expect((await alien.items(id)).map(({ run }) => run)).toEqual([
      ...Array.from({ length: 2 }, () => 'u/alien/batch/20260902T000000Z'),
      ...Array.from({ length: 3 }, () => 'u/alien/batch/20260901T000000Z')
    ]);
  });

  test('a prefix is every run below it, and not what only begins alike', async () => {
    const { id } = await alien.publish('u/alien/prefixed', { kind: 'prefix' });
    expect(new Set((await alien.items(id)).map(({ run }) => run))).toEqual(
      new Set(['u/alien/prefixed/one', 'u/alien/prefixed/two'])
    );
  });

  test('a run that is picked twice is exported once', async () => {
    await alien.grant('u/alien/prefixed', { kind: 'prefix' });
    const { counts } = await alien.publish('u/alien/prefixed/one', {
      collections: [
        { name: 'u/alien/prefixed/one', kind: 'run' },
        { name: 'u/alien/prefixed', kind: 'prefix' }
      ]
    });
    expect(counts).toMatchObject({ total: 5, published: 5 });
  });

  test.each(['u/alien/my cutouts', 'u/alien/it\'s "mine"; DROP TABLE items'])(
    'a run called %s is exported like any other',
    async name => {
      const { counts } = await alien.publish(name);
      expect(counts.published).toBe(counts.total);
    }
  );

  test("a group's run is exported by a member", async () => {
    expect((await alien.publish('g/galaxies/shared')).counts.published).toBe(2);
  });
});

describe('a flipbook', () => {
  const flipbook = { dataset_type: 'zooniverse_frame', frame_dimension: 'day_obs' };

  test('has one row a subject and its frames in columns, in the order of the dimension', async () => {
    const published = await alien.publish('u/alien/flipbook', flipbook);
    const rows = await fetchManifest(published.manifest_url);
    const frames = ['location:image_0', 'location:image_1', 'location:image_2'];
    expect(rows.map(row => Object.keys(row))).toEqual(rows.map(() => ['external_id', ...frames]));
    const items = await alien.items(published.id);
    const night = new Map(items.map(item => [item.url ?? '', item.data_id['day_obs']]));
    const subject = new Map(items.map(item => [item.url ?? '', item.data_id['htm20']]));
    for (const row of rows) {
      const urls = frames.map(frame => row[frame] ?? '');
      await Promise.all(urls.map(fetchPublic));
      expect(urls.map(url => night.get(url))).toEqual([20260901, 20260902, 20260903]);
      expect(new Set(urls.map(url => subject.get(url))).size).toBe(1);
    }
    expect(new Set(rows.map(row => row['external_id'])).size).toBe(3);
  });

  test('refuses a subject with a frame missing or unfit as a whole, and publishes the others', async () => {
    const published = await alien.publish('u/alien/flipbook-broken', flipbook);
    const items = await alien.items(published.id);
    const fates = Map.groupBy(items, item => Number(item.data_id['htm20']) - 8 * 4 ** 20);
    const fateOf = (subject: number) =>
      fates
        .get(subject)
        ?.map(item => item.reason?.type ?? item.state)
        .toSorted();
    expect([0, 1, 2, 3].map(fateOf)).toEqual([
      ['PUBLISHED', 'PUBLISHED', 'PUBLISHED'],
      ['PUBLISHED', 'PUBLISHED', 'PUBLISHED'],
      ['incomplete_subject', 'incomplete_subject'],
      ['incomplete_subject', 'incomplete_subject', 'not_an_image']
    ]);
    expect(await fetchManifest(published.manifest_url)).toHaveLength(2);
    const crosswalk = await alien.call('GET', `/exports/${published.id}/crosswalk.csv`);
    expect(recordsOf(crosswalk.text).map(({ frame }) => frame)).toEqual([
      ...['0', '1', '2'],
      ...['0', '1', '2']
    ]);
  });

  test.each(['day_obs', 'constructor', '__proto__'])(
    'by a dimension that the datasets do not have (%s) has nothing to publish, and each item says why',
    async dimension => {
      const id = await alien.begin('u/alien/prefixed-not', { frame_dimension: dimension });
      const failed = await alien.reaches(id, 'FAILED');
      expect(failed.reason?.type).toBe('nothing_to_publish');
      expect(failed.reasons).toMatchObject([{ type: 'no_such_dimension', count: 1 }]);
    }
  );
});

describe('metadata columns', () => {
  test('are the chosen ones, from the metadata and the data ID', async () => {
    const published = await alien.publish('u/alien/story', {
      metadata_columns: ['magnitude', '#survey', 'note', 'htm20', 'absent']
    });
    const rows = await fetchManifest(published.manifest_url);
    const items = await alien.items(published.id);
    expect(
      rows.map(({ external_id: _id, 'location:image_0': _image, ...metadata }) => metadata)
    ).toEqual(
      items.map((item, index) => ({
        'metadata:magnitude': String(20 + index / 4),
        'metadata:#survey': 'a, “b”',
        'metadata:note': '=1+1',
        'metadata:htm20': String(item.data_id['htm20']),
        'metadata:absent': ''
      }))
    );
  });

  test('that no item fills are told, by name, and those that some fill are not', async () => {
    const { id, notes } = await alien.publish('u/alien/story', {
      metadata_columns: ['magnitude', 'absent', 'htm20', 'magnitud']
    });
    expect(notes).toMatchObject([{ type: 'metadata_columns_empty' }]);
    expect(notes[0]?.msg).toContain('the metadata columns absent, magnitud.');
    const without = await alien.publish('u/alien/story', { metadata_columns: ['magnitude'] });
    expect([without.id === id, without.notes]).toEqual([false, []]);
  });

  test('that cannot be published have their item refused, by name', async () => {
    const { id } = await alien.publish('u/alien/bad-metadata', { metadata_columns: ['note'] });
    const fates = (await alien.items(id)).map(item => [
      item.dataset_id,
      item.reason?.type ?? item.state
    ]);
    expect(Object.fromEntries(fates)).toEqual(inject('repository').bad_metadata);
  });

  test('named like something that every JavaScript object has are absent like any other', async () => {
    const names = ['constructor', 'toString', '__proto__'];
    const published = await alien.publish('u/alien/story', { metadata_columns: names });
    for (const row of await fetchManifest(published.manifest_url)) {
      expect(names.map(name => row[`metadata:${name}`])).toEqual(['', '', '']);
    }
  });
});
