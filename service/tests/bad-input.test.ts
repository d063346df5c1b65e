/** Whatever is wrong with a request: one clear answer in the platform's form, and nothing changed. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, Client, errorOf, submissionOf, type Answer } from './support/client.ts';
import { operations } from './support/contract.ts';
import { rowCounts } from './support/database.ts';
import { Export } from '../src/exports/schemas.ts';
import { startService, type TestService } from './support/service.ts';

let service: TestService;
let alien: Client;
let other: Client;
let project: string;

beforeAll(async () => {
  service = await startService();
  await service.stopWorker(); // nothing here is to be worked on
  alien = new Client(service, 'alien');
  other = new Client(service, 'other');
  project = await alien.project();
  await alien.grant('u/alien', { kind: 'prefix' });
});

afterAll(async () => {
  await service?.close();
});

/** Sends a request that must change nothing. */
async function harmless(send: () => Promise<Answer>): Promise<Answer> {
  const before = await rowCounts(service.database);
  const answer = await send();
  expect(await rowCounts(service.database)).toEqual(before);
  return answer;
}

/** A submission that would be taken, but for `changes`. */
async function submitted(changes: Record<string, unknown>): Promise<Answer> {
  const json = { ...submissionOf(project, 'u/alien/story'), ...changes };
  return harmless(() =>
    alien.call('POST', '/exports', { json, headers: { 'idempotency-key': randomUUID() } })
  );
}

const named = (name: string, kind = 'run') => ({ collections: [{ name, kind }] });
const LONE = '\ud800';

describe('a submission of a collection', () => {
  test.each([
    ['that is not there', named('u/alien/nowhere'), 404, 'collection_not_found'],
    [
      'with spaces in a name that is not there',
      named('u/alien/no such run'),
      404,
      'collection_not_found'
    ],
    [
      'with quotes in its name',
      named(`u/alien/'"; DROP TABLE exports; --`),
      404,
      'collection_not_found'
    ],
    ['that is a pattern', named('u/alien/*'), 404, 'collection_not_found'],
    ['that is a list', named('u/alien/story,u/other/private-1'), 404, 'collection_not_found'],
    ['that is a path', named('u/alien/../other/private-1'), 403, 'not_yours'],
    ['with an empty segment', named('u/alien//story'), 403, 'not_yours'],
    ['with a dot for a segment', named('u/alien/./story'), 403, 'not_yours'],
    ['that ends in a slash', named('u/alien/story/'), 403, 'not_yours'],
    ["that is another PI's", named('u/other/private-1'), 403, 'not_yours'],
    ["that is nobody's", named('story'), 403, 'not_yours'],
    ['that is a whole namespace', named('u/alien'), 403, 'not_yours'],
    ["that is another group's", named('g/stars/shared'), 403, 'not_yours'],
    [
      'that is a RUN and called a chain',
      named('u/alien/story', 'chain'),
      404,
      'collection_not_found'
    ],
    ['that is a chain and called a RUN', named('u/alien/batch'), 404, 'collection_not_found'],
    ['that is a prefix of nothing', named('u/alien/stor', 'prefix'), 404, 'collection_not_found'],
    ['of another kind', named('u/alien/story', 'tagged'), 422, 'invalid'],
    ['without a name', named(''), 422, 'invalid'],
    ['with a NUL in its name', named('u/alien/story\0'), 422, 'invalid'],
    ['with a line break in its name', named('u/alien/story\nx'), 422, 'invalid'],
    ['with a line separator in its name', named('u/alien/story\u2028'), 422, 'invalid'],
    ['with half a character in its name', named(`u/alien/${LONE}`), 422, 'invalid'],
    ['with a name of 256 characters', named(`u/alien/${'x'.repeat(248)}`), 422, 'invalid'],
    ['that is empty', named('u/alien/empty'), 422, 'collection_empty'],
    ['without this dataset type', named('u/alien/only-metadata'), 422, 'dataset_type_not_found'],
    ['of a type that is not there', { dataset_type: 'nothing' }, 422, 'dataset_type_not_found'],
    ['of a type that is a path', { dataset_type: '../x' }, 422, 'invalid'],
    ['of no collection', { collections: [] }, 422, 'invalid'],
    [
      'that comes twice',
      { collections: Array(2).fill(named('u/alien/story').collections[0]) },
      422,
      'invalid'
    ]
  ] as const)('%s is refused', async (_what, changes, status, type) => {
    expect(errorOf(await submitted(changes))).toEqual([status, type]);
  });

  test('without a grant is refused', async () => {
    const json = submissionOf(await other.project(), 'u/other/private-1');
    expect(errorOf(await harmless(() => other.submit(json)))).toEqual([403, 'grant_missing']);
  });

  test('says the same of another PI’s whether it is there or not', async () => {
    const there = await submitted(named('u/other/private-1'));
    const absent = await submitted(named('u/other/absent-99'));
    expect(absent.text.replaceAll('absent-99', 'private-1')).toBe(there.text);
  });
});

describe('a submission', () => {
  test.each([
    ['whose subject set has no name', { subject_set: '' }],
    ['whose subject set has a control character', { subject_set: 'a\u0007b' }],
    ['whose subject set has half a character', { subject_set: `a${LONE}b` }],
    ['whose subject set has 101 characters', { subject_set: 'x'.repeat(101) }],
    ['with a colon in a metadata column', { metadata_columns: ['a:b'] }],
    ['with a comma in a metadata column', { metadata_columns: ['a,b'] }],
    ['with a line break in a metadata column', { metadata_columns: ['a\nb'] }],
    ['with half a character in a metadata column', { metadata_columns: [LONE] }],
    ['with the reserved metadata column', { metadata_columns: ['#priority'] }],
    ['with a metadata column twice', { metadata_columns: ['a', 'a'] }],
    [
      'with 51 metadata columns',
      { metadata_columns: Array.from({ length: 51 }, (_, i) => `c${i}`) }
    ],
    ['with a frame dimension that is no name', { frame_dimension: 'Day Obs' }],
    ['with a project that is no id', { project_id: 'mine' }],
    ['with a project as a URN', { project_id: `urn:uuid:${randomUUID()}` }],
    ['with a property that nobody asked for', { publish_now: true }],
    ['with a number for a name', { subject_set: 5 }],
    ['with null for a name', { subject_set: null }],
    ['with text for a list', { metadata_columns: 'magnitude' }],
    ['with an object for a list', { collections: { name: 'u/alien/story', kind: 'run' } }],
    ['without a dataset type', { dataset_type: undefined }]
  ])('%s is refused', async (_what, changes) => {
    expect(errorOf(await submitted(changes))).toEqual([422, 'invalid']);
  });

  test.each([
    ['is missing', undefined],
    ['is too short', 'short'],
    ['is too long', 'x'.repeat(129)],
    ['has a space', 'a key with spaces']
  ])('whose Idempotency-Key %s is refused', async (_what, key) => {
    const json = submissionOf(project, 'u/alien/story');
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const answer = await harmless(() => alien.call('POST', '/exports', { json, headers }));
    expect(errorOf(answer)).toEqual([422, 'invalid']);
  });

  test("for another PI's project is answered as for one that is not there", async () => {
    const theirs = await submitted({ project_id: await other.project() });
    const absent = await submitted({ project_id: randomUUID() });
    expect(errorOf(theirs)).toEqual([404, 'not_found']);
    expect(absent.text).toBe(theirs.text);
  });

  test('that is over the limit of its project is refused', async () => {
    await service.database.query('UPDATE projects SET object_limit = 11 WHERE id = $1', [project]);
    const answer = await submitted({});
    await service.database.query('UPDATE projects SET object_limit = 10000 WHERE id = $1', [
      project
    ]);
    expect(errorOf(answer)).toEqual([422, 'project_limit_exceeded']);
  });

  test('of a project that EPO blocked is refused', async () => {
    const blocked = await alien.project();
    await service.database.query("UPDATE projects SET status = 'blocked' WHERE id = $1", [blocked]);
    expect(errorOf(await submitted({ project_id: blocked }))).toEqual([409, 'project_blocked']);
  });
});

describe('a body', () => {
  const key = { 'idempotency-key': 'a-good-key-1' };

  test.each([
    ['that is cut off', '{"project_id":', 400, 'bad_request'],
    ['that is empty', '', 400, 'bad_request'],
    ['that is no JSON', 'project_id=1', 400, 'bad_request'],
    ['that reaches for the prototype', '{"__proto__": {"a": 1}}', 400, 'bad_request'],
    ['that is a list', '[]', 422, 'invalid'],
    ['that is a number', '7', 422, 'invalid'],
    ['that is null', 'null', 422, 'invalid'],
    ['of a hundred thousand brackets', '['.repeat(1e5) + ']'.repeat(1e5), 422, 'invalid'],
    ['of more than 256 KiB', JSON.stringify('x'.repeat(300_000)), 413, 'too_large']
  ])('%s is refused', async (_what, raw, status, type) => {
    for (const path of ['/exports', '/exports/preflight', '/grants', '/projects']) {
      const answer = await harmless(() => alien.call('POST', path, { raw, headers: key }));
      expect([path, ...errorOf(answer)]).toEqual([path, status, type]);
    }
  });

  test.each(['text/plain', 'text/csv', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'of the type %s is refused',
    async type => {
      const raw = JSON.stringify(submissionOf(project, 'u/alien/story'));
      const headers = { ...key, 'content-type': type };
      const answer = await harmless(() => alien.call('POST', '/exports', { raw, headers }));
      expect(errorOf(answer)).toEqual([415, 'unsupported_media_type']);
    }
  );

  test.each([
    ['a name of control characters', { name: '\u0000' }],
    ['a name of half a character', { name: LONE }],
    ['a member who is no user name', { name: 'x', members: ['../root'] }],
    ['a member twice', { name: 'x', members: ['other', 'other'] }],
    ['a number for its name', { name: 1 }]
  ])('of a project with %s is refused', async (_what, json) => {
    const answer = await harmless(() => alien.call('POST', '/projects', { json }));
    expect(errorOf(answer)).toEqual([422, 'invalid']);
  });

  test('of a project whose name the PI has already is refused', async () => {
    const json = { name: 'Twice' };
    await alien.call('POST', '/projects', { json });
    const answer = await harmless(() => alien.call('POST', '/projects', { json }));
    expect(errorOf(answer)).toEqual([422, 'invalid']);
  });
});

describe('a query', () => {
  let id: string;
  const cursor = (text: string) => Buffer.from(text).toString('base64url');

  beforeAll(async () => {
    id = bodyOf(await alien.submit(submissionOf(project, 'u/alien/story')), 202, Export).id;
  });

  test.each([
    'limit=0',
    'limit=501',
    'limit=many',
    'limit=1&limit=2',
    'state=GONE',
    'sort=owner',
    'cursor=',
    'cursor=!',
    `cursor=${cursor('nonsense')}`,
    `cursor=${cursor(`-1 ${randomUUID()}`)}`,
    `cursor=${cursor(`1e3 ${randomUUID()}`)}`,
    `cursor=${cursor("1 ' OR true --")}`,
    `cursor=${'A'.repeat(201)}`
  ])('%s is refused', async query => {
    for (const path of ['/exports', `/exports/${id}/items`]) {
      const answer = await harmless(() => alien.call('GET', `${path}?${query}`));
      expect([path, ...errorOf(answer)]).toEqual([path, 422, 'invalid']);
    }
  });

  test('with a project that is no id is refused', async () => {
    for (const wrong of ['mine', `urn:uuid:${randomUUID()}`]) {
      const answer = await alien.call('GET', `/exports?project_id=${wrong}`);
      expect(errorOf(answer)).toEqual([422, 'invalid']);
    }
  });

  test('with a cursor of the end of time is an empty page or a page, never a fault', async () => {
    const last = cursor(`${'9'.repeat(15)} ${randomUUID()}`);
    expect((await alien.call('GET', `/exports?cursor=${last}`)).status).toBe(200);
    const item = cursor('999999999');
    expect((await alien.call('GET', `/exports/${id}/items?cursor=${item}`)).status).toBe(200);
  });
});

describe('an id', () => {
  const PARAMETER = /\{(export_id|project_id|grant_id)\}/;
  const withId = operations().filter(({ path }) => PARAMETER.test(path));
  const alienIds: Record<string, string> = {};

  beforeAll(async () => {
    alienIds['project_id'] = project;
    alienIds['grant_id'] = (await alien.grant('u/alien/story')).id;
    const answer = await alien.submit(submissionOf(project, 'u/alien/story'));
    alienIds['export_id'] = bodyOf(answer, 202, Export).id;
  });

  const fill = (path: string, id: string) => path.replace(PARAMETER, encodeURIComponent(id));

  test.each(withId.map(({ method, path }) => [method, path] as const))(
    "of another PI's at %s %s is answered as one that is not there",
    async (method, path) => {
      const id = alienIds[PARAMETER.exec(path)?.[1] ?? ''] ?? '';
      const theirs = await harmless(() => other.call(method, fill(path, id)));
      const absent = await harmless(() => other.call(method, fill(path, randomUUID())));
      expect(errorOf(theirs)).toEqual([404, 'not_found']);
      expect(absent.text).toBe(theirs.text);
    }
  );

  test.each(withId.map(({ method, path }) => [method, path] as const))(
    'that is no id at %s %s is refused',
    async (method, path) => {
      for (const id of ['1', "' OR 1=1 --", `urn:uuid:${randomUUID()}`, '\0', LONE.at(1) ?? 'é']) {
        const answer = await harmless(() => alien.call(method, fill(path, id)));
        expect([id, ...errorOf(answer)]).toEqual([id, 422, 'invalid']);
      }
    }
  );
});

describe('a token', () => {
  const everywhere = operations().map(({ method, path }) => [method, path] as const);

  test.each(everywhere)('is needed at %s %s, and must be a known one', async (method, path) => {
    const at = path.replace(/\{\w+\}/, randomUUID());
    for (const authorization of ['', 'Bearer', 'Bearer unknown-token-0123456789', 'Basic YTpi']) {
      const answer = await harmless(() => alien.call(method, at, { headers: { authorization } }));
      expect([authorization, ...errorOf(answer)]).toEqual([
        authorization,
        401,
        'not_authenticated'
      ]);
    }
  });
});

describe('what is no request of ours', () => {
  test.each(['/', '/nothing', '/exports/x/y/z'])('such as GET %s is answered 404', async path => {
    expect(errorOf(await alien.call('GET', path))).toEqual([404, 'not_found']);
  });

  test('such as a method that a route does not have is answered 404', async () => {
    expect(errorOf(await alien.call('PUT', '/exports'))).toEqual([404, 'not_found']);
  });

  test('such as a path that is far too long is answered 414 in the same form', async () => {
    const answer = await alien.call('GET', `/exports/${'x'.repeat(300)}`);
    expect(errorOf(answer)).toEqual([414, 'bad_request']);
  });

  test('such as a path that is no text is answered 400 in the same form', async () => {
    expect(errorOf(await alien.call('GET', '/exports/%ff'))).toEqual([400, 'bad_request']);
  });

  test('such as noise on the socket is answered 400 in the same form', async () => {
    const { port, hostname } = new URL(service.api);
    const text = await new Promise<string>((resolve, reject) => {
      let heard = '';
      const socket = connect(Number(port), hostname, () => socket.write('noise\r\n\r\n'));
      socket.on('data', data => (heard += data.toString('utf8')));
      socket.on('close', () => resolve(heard));
      socket.on('error', reject);
    });
    const [head = '', json = ''] = text.split('\r\n\r\n');
    const answer = { status: 400, headers: new Headers(), text: json, body: JSON.parse(json) };
    expect(head).toMatch(/^HTTP\/1.1 400 /);
    expect(errorOf(answer)).toEqual([400, 'bad_request']);
  });
});

test('no request of this file was a fault of the service', async () => {
  const log = await service.log();
  expect(log.split('\n').filter(line => line.includes('request failed'))).toEqual([]);
});
