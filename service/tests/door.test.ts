/** What the public's server tells, and to whom it says nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Export, Item } from '../src/exports/schemas.ts';
import { Client } from './support/client.ts';
import { fetchPublic, filesBelow, sha256 } from './support/door.ts';
import { ask } from './support/raw.ts';
import { startService, type TestService } from './support/service.ts';

let service: TestService;
let alien: Client;
let published: Export;
let item: Item;
let path: string;
let prefix: string;
let name: string;

beforeAll(async () => {
  service = await startService();
  alien = new Client(service, 'alien');
  published = await alien.publish('u/alien/story');
  const [first] = await alien.items(published.id);
  if (!first?.url) {
    throw new Error('nothing was published');
  }
  item = first;
  path = new URL(first.url).pathname;
  [, prefix = '', name = ''] = path.split('/');
});

afterAll(async () => {
  await service?.close();
});

const SECURITY = {
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer'
};

describe('a published file', () => {
  test('comes with its type, its hash and the headers that keep browsers safe', async () => {
    const { status, headers } = await ask(service.door, path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      ...SECURITY,
      'content-type': 'image/png',
      'content-length': String(item.published_size),
      'cache-control': 'public, max-age=300, must-revalidate',
      'access-control-expose-headers': 'ETag',
      etag: `"${item.published_sha256}"`
    });
    expect(headers).not.toHaveProperty('set-cookie');
  });

  test('comes to HEAD with the same headers and no body', async () => {
    const [get, head] = await Promise.all([
      ask(service.door, path),
      ask(service.door, path, { method: 'HEAD' })
    ]);
    const { date: _one, ...expected } = get.headers;
    const { date: _two, ...headers } = head.headers;
    expect([head.status, headers, head.body]).toEqual([200, expected, '']);
  });

  test.each([
    ['its tag', (tag: string) => tag],
    ['its tag as a weak one', (tag: string) => `W/${tag}`],
    ['its tag among others', (tag: string) => `"x", ${tag}`]
  ])('is not sent again to who has %s', async (_what, header) => {
    const tag = `"${item.published_sha256}"`;
    const answer = await ask(service.door, path, { headers: { 'if-none-match': header(tag) } });
    expect([answer.status, answer.body, answer.headers['etag']]).toEqual([304, '', tag]);
  });

  test('is sent to who has another', async () => {
    const headers = { 'if-none-match': `"${sha256('another')}"` };
    expect((await ask(service.door, path, { headers })).status).toBe(200);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])(
    'is not for %s',
    async method => {
      const { status, headers } = await ask(service.door, path, { method });
      expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
    }
  );

  test('is not to be had from the API, and the API not from the door', async () => {
    expect((await ask(service.api, path)).status).toBe(404);
    expect((await ask(service.door, '/epo-export/v1/me')).status).toBe(404);
    expect((await ask(service.door, '/')).status).toBe(404);
  });
});

test('the manifest is CSV and read anew', async () => {
  const { status, headers } = await ask(
    service.door,
    new URL(published.manifest_url ?? '').pathname
  );
  expect(status).toBe(200);
  expect(headers).toMatchObject({ ...SECURITY, 'content-type': 'text/csv; charset=utf-8' });
});

describe('a guess', () => {
  /** Each is a path of which a part of the real one is made. */
  const GUESSES: readonly (readonly [string, () => string])[] = [
    ['the root', () => '/'],
    ['a prefix', () => `/${prefix}`],
    ['a directory', () => `/${prefix}/`],
    ['the index', () => `/${prefix}/index.json`],
    ['the mark of a withdrawal', () => `/${prefix}/closed`],
    ['a name of nothing', () => `/${prefix}/${'0'.repeat(32)}.png`],
    ['another extension', () => path.replace('.png', '.jpg')],
    ['no extension', () => path.replace('.png', '')],
    ['capitals', () => path.toUpperCase()],
    ['a capital extension', () => path.replace('.png', '.PNG')],
    ['a query', () => `${path}?download`],
    ['a slash behind it', () => `${path}/`],
    ['a space behind it, encoded', () => `${path}%20`],
    ['a NUL behind it, encoded', () => `${path}%00`],
    ['a line break behind it, encoded', () => `${path}%0a`],
    ['a dot segment', () => `/./${prefix}/${name}`],
    ['two dots', () => `/${prefix}/../${prefix}/${name}`],
    ['two dots, encoded', () => `/${prefix}/%2e%2e/${prefix}/${name}`],
    ['two dots, encoded twice', () => `/${prefix}/%252e%252e/${prefix}/${name}`],
    ['two dots, overlong', () => `/${prefix}/%c0%ae%c0%ae/${prefix}/${name}`],
    ['a slash, encoded', () => `/${prefix}%2f${name}`],
    ['a backslash', () => `/${prefix}\\${name}`],
    ['two slashes', () => `//${prefix}/${name}`],
    ['two slashes between', () => `/${prefix}//${name}`],
    ['an absolute URL', () => `${service.door}${path}`],
    ['a way out of the store', () => `/${prefix}/../../config.json`],
    ['a way out of the store, encoded', () => `/${prefix}/..%2f..%2fconfig.json`],
    ['a system file', () => '/../../../../etc/passwd']
  ];

  test.each(GUESSES)('with %s is answered 404 and no word', async (_what, guess) => {
    const { status, body, headers } = await ask(service.door, guess());
    expect([status, body]).toEqual([404, '']);
    expect(headers).toMatchObject({ ...SECURITY, 'cache-control': 'no-store' });
  });

  test("at one export's name below another's prefix is answered 404", async () => {
    const [, elsewhere = ''] = new URL(
      (await alien.publish('u/alien/story')).manifest_url ?? ''
    ).pathname.split('/');
    expect(elsewhere).not.toBe(prefix);
    expect((await ask(service.door, `/${elsewhere}/${name}`)).status).toBe(404);
  });
});

describe('what is in quarantine', () => {
  test('is answered 404 by every key, under every name that it has or will have', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/story');
    await service.runWorkerUntil('decide.approved');
    expect((await alien.show(id)).state).toBe('APPROVED');
    const keys = await filesBelow(service, 'quarantine');
    expect(keys).toHaveLength(12);
    const rows = await service.database.query<{ p: string; q: string; name: string }>(
      `SELECT public_prefix AS p, quarantine_prefix AS q, public_name AS name
       FROM exports JOIN items ON export_id = id WHERE id = $1`,
      [id]
    );
    const guesses = [
      ...keys.flatMap(key => [
        `/${key}`,
        `/${key}.png`,
        `/quarantine/${key}`,
        `/${prefix}/../../quarantine/${key}`,
        `/..%2fquarantine%2f${key}`
      ]),
      ...rows.flatMap(row => [`/${row.p}/${row.name}`, `/${row.q}/${row.name}`]),
      `/${rows[0]?.p}/manifest.csv`,
      `/${rows[0]?.q}/manifest.csv`
    ];
    const answers = await Promise.all(guesses.map(guess => ask(service.door, guess)));
    expect(answers.map(({ status }) => status)).toEqual(guesses.map(() => 404));
    await service.startWorker();
    await alien.reaches(id, 'PUBLISHED');
    await fetchPublic(`${service.door}/${rows[0]?.p}/${rows[0]?.name}`);
  });
});

test('what is announced and not published yet is answered 404, and there is no manifest', async () => {
  await service.stopWorker();
  const id = await alien.begin('u/alien/story');
  await service.runWorkerUntil('publish.committed');
  const rows = await service.database.query<{ p: string; state: string; name: string }>(
    `SELECT public_prefix AS p, items.state, public_name AS name
     FROM exports JOIN items ON export_id = id WHERE id = $1`,
    [id]
  );
  const waiting = new Set(
    (await filesBelow(service, 'quarantine')).map(file => file.split('/')[1])
  );
  expect(waiting.size).toBeLessThan(12);
  for (const row of rows.filter(({ state }) => state === 'PUBLISHED')) {
    expect((await ask(service.door, `/${row.p}/${row.name}`)).status).toBe(200);
  }
  expect((await ask(service.door, `/${rows[0]?.p}/manifest.csv`)).status).toBe(404);
  await service.startWorker();
  await alien.reaches(id, 'PUBLISHED');
  expect((await ask(service.door, `/${rows[0]?.p}/manifest.csv`)).status).toBe(200);
});
