import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Export, ExportList, ItemList, PreflightReport } from '../src/exports/schemas.ts';
import { bodyOf, Client, errorOf, submissionOf } from './support/client.ts';
import { readCsv, recordsOf } from './support/csv.ts';
import { rowCounts } from './support/database.ts';
import { fetchManifest, fetchPublic, filesBelow } from './support/door.ts';
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

/** What the file of a dataset holds in the Butler. */
async function sourceOf(exportId: string, datasetId: string): Promise<Buffer> {
  const [row] = await service.database.query<{ uri: string }>(
    'SELECT uri FROM items WHERE export_id = $1 AND dataset_id = $2',
    [exportId, datasetId]
  );
  return readFile(fileURLToPath(row?.uri ?? ''));
}

describe('a PI who exports a run', () => {
  let project: string;
  let published: Export;
  const key = randomUUID();

  test('is told by the preflight what is missing, and that nothing is after the grant', async () => {
    project = await alien.project();
    const {
      project_id: _project,
      subject_set: _set,
      ...wish
    } = submissionOf(project, 'u/alien/story');
    const ask = async () =>
      bodyOf(await alien.call('POST', '/exports/preflight', { json: wish }), 200, PreflightReport);
    const before = await ask();
    await alien.grant('u/alien/story');
    expect([before.ok, before.problems.map(({ type }) => type)]).toEqual([
      false,
      ['grant_missing']
    ]);
    expect(await ask()).toMatchObject({
      ok: true,
      total: 12,
      collections: [
        { name: 'u/alien/story', runs: [{ name: 'u/alien/story', count: 12 }], left_out: [] }
      ],
      problems: [],
      warnings: []
    });
  });

  test('is answered 202 with the place where to follow it', async () => {
    const answer = await alien.submit(submissionOf(project, 'u/alien/story'), key);
    const { id, state } = bodyOf(answer, 202, Export);
    expect([state, answer.headers.get('location')]).toEqual([
      'SUBMITTED',
      `/epo-export/v1/exports/${id}`
    ]);
    published = await alien.reaches(id, 'PUBLISHED');
  });

  test('gets the same export for the same key and body, in whatever order its keys come', async () => {
    const before = await rowCounts(service.database);
    const reversed = Object.fromEntries(
      Object.entries(submissionOf(project, 'u/alien/story')).reverse()
    );
    const again = await alien.call('POST', '/exports', {
      json: reversed,
      headers: { 'idempotency-key': key }
    });
    expect(bodyOf(again, 202, Export).id).toBe(published.id);
    expect(await rowCounts(service.database)).toEqual(before);
  });

  test('is refused when the same key comes with another body', async () => {
    const before = await rowCounts(service.database);
    const other = { ...submissionOf(project, 'u/alien/story'), subject_set: 'another' };
    expect(errorOf(await alien.submit(other, key))).toEqual([422, 'idempotency_key_reused']);
    expect(await rowCounts(service.database)).toEqual(before);
  });

  test('gets one export for ten submissions of one key at once', async () => {
    const racing = { ...submissionOf(project, 'u/alien/story'), subject_set: 'racing' };
    const raceKey = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => alien.submit(racing, raceKey))
    );
    const ids = new Set(answers.map(answer => bodyOf(answer, 202, Export).id));
    expect(ids.size).toBe(1);
    await alien.reaches([...ids][0] ?? '', 'PUBLISHED');
  });

  test('sees every item published, and nothing left in quarantine', async () => {
    expect(published).toMatchObject({
      phase: 'COMPLETED',
      waits_for: 'pi',
      actions: ['withdraw'],
      counts: { total: 12, published: 12, refused: 0, missing: 0 },
      reasons: [],
      reason: null
    });
    await until(
      'quarantine is empty',
      async () => (await filesBelow(service, 'quarantine')).length === 0
    );
  });

  test('pages through the items by cursor and meets each once', async () => {
    const numbers: number[] = [];
    let cursor = '';
    do {
      const page = bodyOf(
        await alien.call('GET', `/exports/${published.id}/items?limit=5${cursor}`),
        200,
        ItemList
      );
      expect(page.items.length).toBeLessThanOrEqual(5);
      numbers.push(...page.items.map(item => item.number));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  test('lists items by state', async () => {
    expect(await alien.items(published.id, '&state=REFUSED')).toEqual([]);
    expect(await alien.items(published.id, '&state=PUBLISHED')).toHaveLength(12);
  });

  test('downloads the same items as CSV', async () => {
    const answer = await alien.call('GET', `/exports/${published.id}/items.csv`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const items = await alien.items(published.id);
    expect(recordsOf(answer.text)).toEqual(
      items.map(item => ({
        number: String(item.number),
        dataset_id: item.dataset_id,
        run: 'u/alien/story',
        data_id: JSON.stringify(item.data_id),
        state: 'PUBLISHED',
        reason: '',
        reason_text: '',
        source_sha256: item.source_sha256,
        published_sha256: item.published_sha256,
        url: item.url
      }))
    );
  });

  test('finds each image at its URL with the very bytes of the Butler', async () => {
    for (const item of await alien.items(published.id)) {
      const bytes = await fetchPublic(item.url ?? '');
      expect(bytes.equals(await sourceOf(published.id, item.dataset_id))).toBe(true);
    }
  });

  test('gets a manifest of nothing but external ids and locations when no column was chosen', async () => {
    const text = (await fetchPublic(published.manifest_url ?? '')).toString('utf8');
    const { header, rows } = readCsv(text);
    const urls = (await alien.items(published.id)).map(item => item.url);
    expect(header).toEqual(['external_id', 'location:image_0']);
    expect(rows.map(row => row[1])).toEqual(urls);
    expect(new Set(rows.map(row => row[0])).size).toBe(12);
  });

  test('gets no word of the Butler in what is public', async () => {
    const text = (await fetchPublic(published.manifest_url ?? '')).toString('utf8');
    for (const item of await alien.items(published.id)) {
      for (const secret of [item.dataset_id, String(item.data_id['htm20']), item.source_sha256]) {
        expect(text).not.toContain(secret);
      }
    }
  });

  test('has two items of equal bytes as two objects', async () => {
    const items = await alien.items(published.id);
    const [one, two] = items.slice(-2);
    expect(one?.published_sha256).toBe(two?.published_sha256);
    expect(new Set(items.map(item => item.url)).size).toBe(12);
    expect(await fetchPublic(one?.url ?? '')).toEqual(await fetchPublic(two?.url ?? ''));
  });

  test('tells by the crosswalk which subject is which dataset', async () => {
    const crosswalk = await alien.call('GET', `/exports/${published.id}/crosswalk.csv`);
    const subjects = await fetchManifest(published.manifest_url);
    const items = await alien.items(published.id);
    expect(recordsOf(crosswalk.text)).toEqual(
      items.map((item, index) => ({
        external_id: subjects[index]?.['external_id'],
        frame: '0',
        dataset_id: item.dataset_id,
        run: item.run,
        data_id: JSON.stringify(item.data_id),
        url: item.url
      }))
    );
  });

  test('finds it in the list of exports, in that of the project, and by its state', async () => {
    for (const query of ['', `project_id=${project}`, 'state=PUBLISHED']) {
      const { exports } = bodyOf(await alien.call('GET', `/exports?${query}`), 200, ExportList);
      expect(exports.map(({ id }) => id)).toContain(published.id);
    }
    const failed = bodyOf(await alien.call('GET', '/exports?state=FAILED'), 200, ExportList);
    expect(failed.exports).toEqual([]);
  });

  test('pages through exports, newest first', async () => {
    const all = bodyOf(await alien.call('GET', '/exports'), 200, ExportList).exports;
    const paged: string[] = [];
    let cursor = '';
    do {
      const page = bodyOf(await alien.call('GET', `/exports?limit=1${cursor}`), 200, ExportList);
      paged.push(...page.exports.map(({ id }) => id));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(paged).toEqual(all.map(({ id }) => id));
    expect(all.map(({ created }) => created)).toEqual(
      all
        .map(({ created }) => created)
        .toSorted()
        .reverse()
    );
  });

  test('finds the collection in the index of the project', async () => {
    const answer = await alien.call('GET', `/projects/${project}/collections`);
    expect(answer.body).toMatchObject({
      collections: [{ repository: 'test', name: 'u/alien/story', kind: 'run', exports: 2 }]
    });
  });

  test('shares it with the members of the project, and with nobody else', async () => {
    const json = { name: 'Shared', members: ['other'] };
    const made = await alien.call('POST', '/projects', { json });
    const { id: shared } = made.body as { id: string }; // checked by what follows
    const id = bodyOf(await alien.submit(submissionOf(shared, 'u/alien/story')), 202, Export).id;
    await alien.reaches(id, 'PUBLISHED');
    expect((await new Client(service, 'other').show(id)).id).toBe(id);
    const stranger = await new Client(service, 'mallory').call('GET', `/exports/${id}`);
    expect(errorOf(stranger)).toEqual([404, 'not_found']);
  });

  test('leaves a trail with each decision once and in order', async () => {
    const rows = await service.database.query<{ actor: string; action: string }>(
      'SELECT actor, action FROM audit_events WHERE export_id = $1 ORDER BY id',
      [published.id]
    );
    expect(rows.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'alien submit',
      'epo-export collect',
      'epo-export list',
      'epo-export collect',
      'epo-export collect',
      'epo-export pass',
      'epo-export publish',
      'epo-export publish_chunk',
      'epo-export publish_chunk',
      'epo-export complete'
    ]);
  });
});

describe('a withdrawal', () => {
  let id: string;
  let urls: string[];

  test('makes every URL and the manifest answer 410 at once', async () => {
    const published = await alien.publish('u/alien/story');
    id = published.id;
    urls = [...(await alien.items(id)).map(item => item.url ?? ''), published.manifest_url ?? ''];
    // As a visitor had them a moment ago, so that the server remembers them.
    await Promise.all(urls.map(fetchPublic));
    const answer = await alien.call('POST', `/exports/${id}/withdraw`);
    expect(bodyOf(answer, 200, Export)).toMatchObject({
      state: 'WITHDRAWN',
      phase: 'ARCHIVED',
      actions: [],
      manifest_url: null,
      counts: { published: 0, withdrawn: 12 }
    });
    expect(await Promise.all(urls.map(async url => (await fetch(url)).status))).toEqual(
      urls.map(() => 410)
    );
  });

  test('tells a guess under the same prefix nothing', async () => {
    const guess = (urls[0] ?? '').replace(/[0-9a-f]{32}\.png$/, `${'0'.repeat(32)}.png`);
    expect((await fetch(guess)).status).toBe(404);
  });

  test('deletes the files, and still says 410', async () => {
    const prefix = new URL(urls[0] ?? '').pathname.split('/')[1];
    await until('its files are gone', async () =>
      (await filesBelow(service, 'public'))
        .filter(path => path.startsWith(`${prefix}/`))
        .every(path => !/\.(?:png|csv)$/.test(path))
    );
    expect((await fetch(urls[0] ?? '')).status).toBe(410);
  });

  test('leaves other exports of the same bytes public', async () => {
    const { exports } = bodyOf(
      await alien.call('GET', '/exports?state=PUBLISHED'),
      200,
      ExportList
    );
    const [item] = await alien.items(exports.at(-1)?.id ?? '');
    await expect(fetchPublic(item?.url ?? '')).resolves.toBeInstanceOf(Buffer);
  });

  test('keeps the crosswalk for the team, without URLs', async () => {
    const { text } = await alien.call('GET', `/exports/${id}/crosswalk.csv`);
    expect(recordsOf(text).map(({ url }) => url)).toEqual(Array.from({ length: 12 }, () => ''));
  });

  test('happens once', async () => {
    const before = await rowCounts(service.database);
    const again = await alien.call('POST', `/exports/${id}/withdraw`);
    expect(errorOf(again)).toEqual([409, 'wrong_state']);
    expect(await rowCounts(service.database)).toEqual(before);
  });
});

describe('an export that is not done', () => {
  test('can be cancelled before it is listed, and is never collected', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/thirty');
    const cancelled = await alien.call('POST', `/exports/${id}/cancel`);
    expect(bodyOf(cancelled, 200, Export)).toMatchObject({
      state: 'CANCELLED',
      phase: 'ABORTED',
      waits_for: null,
      actions: [],
      manifest_url: null
    });
    await service.startWorker();
    const marker = await alien.publish('u/alien/story'); // a later job has been done
    expect(marker.state).toBe('PUBLISHED');
    expect((await alien.show(id)).counts.total).toBe(0);
  });

  test('has no crosswalk, and can neither be withdrawn nor retried', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/thirty');
    for (const [method, action] of [
      ['GET', 'crosswalk.csv'],
      ['POST', 'withdraw'],
      ['POST', 'retry']
    ] as const) {
      const answer = await alien.call(method, `/exports/${id}/${action}`);
      expect(errorOf(answer)).toEqual([409, 'wrong_state']);
    }
    await alien.call('POST', `/exports/${id}/cancel`);
    await service.startWorker();
  });
});
