/** Rule 2: nothing is read without a live grant of its owner. */
import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Export } from '../src/exports/schemas.ts';
import { Grant, GrantList } from '../src/grants/schemas.ts';
import type { Failpoint } from '../src/pipeline/failpoint.ts';
import { bodyOf, Client, errorOf, submissionOf, type Answer } from './support/client.ts';
import { rowCounts } from './support/database.ts';
import { filesBelow } from './support/door.ts';
import { startService, type TestService } from './support/service.ts';
import { until } from './support/until.ts';

let service: TestService;
let alien: Client;
let other: Client;
let mallory: Client;

beforeAll(async () => {
  service = await startService();
  alien = new Client(service, 'alien');
  other = new Client(service, 'other');
  mallory = new Client(service, 'mallory');
});

afterAll(async () => {
  await service?.close();
});

const DAY = 24 * 3600 * 1000;

async function ask(client: Client, changes: Record<string, unknown>): Promise<Answer> {
  const json = {
    repository: 'test',
    collection: 'u/alien/story',
    kind: 'run',
    expires_in_days: 1,
    ...changes
  };
  return client.call('POST', '/grants', { json });
}

async function grantsOf(client: Client): Promise<Static<typeof Grant>[]> {
  return bodyOf(await client.call('GET', '/grants'), 200, GrantList).grants;
}

/** Lets the worker begin an export and die at `point`. */
async function interrupted(name: string, point: Failpoint): Promise<string> {
  await service.stopWorker();
  const id = await alien.begin(name);
  await service.runWorkerUntil(point);
  return id;
}

/** What of an export is in quarantine or public. */
async function filesOf(id: string): Promise<string[]> {
  const [row] = await service.database.query<{ q: string; p: string }>(
    'SELECT quarantine_prefix AS q, public_prefix AS p FROM exports WHERE id = $1',
    [id]
  );
  const quarantined = await filesBelow(service, 'quarantine');
  const published = await filesBelow(service, 'public');
  return [
    ...quarantined.filter(path => path.startsWith(`${row?.q}/`)),
    ...published.filter(path => path.startsWith(`${row?.p}/`))
  ];
}

describe('a grant', () => {
  test.each([
    ["of another PI's run", { collection: 'u/alien/story' }, 403, 'not_yours'],
    [
      "of a run that is not there and would be another PI's",
      { collection: 'u/alien/x' },
      403,
      'not_yours'
    ],
    [
      "of a group's run by somebody who is not in it",
      { collection: 'g/galaxies/shared' },
      403,
      'not_yours'
    ],
    ["of another PI's prefix", { collection: 'u/alien', kind: 'prefix' }, 403, 'not_yours'],
    ['of every user', { collection: 'u', kind: 'prefix' }, 403, 'not_yours'],
    ['of everything', { collection: '/', kind: 'prefix' }, 403, 'not_yours'],
    ['by a path', { collection: 'u/mallory/../alien/story' }, 403, 'not_yours'],
    ['in other letters', { collection: 'U/mallory/x' }, 403, 'not_yours'],
    ['of an unknown repository', { repository: 'nowhere' }, 404, 'repository_unknown'],
    ['of no days', { collection: 'u/mallory/x', expires_in_days: 0 }, 422, 'invalid'],
    ['of more than a year', { collection: 'u/mallory/x', expires_in_days: 366 }, 422, 'invalid'],
    ['of half a day', { collection: 'u/mallory/x', expires_in_days: 0.5 }, 422, 'invalid'],
    ['of days in words', { collection: 'u/mallory/x', expires_in_days: '7' }, 422, 'invalid'],
    ['of another kind', { collection: 'u/mallory/x', kind: 'tagged' }, 422, 'invalid']
  ])('%s is refused and changes nothing', async (_what, changes, status, type) => {
    const before = await rowCounts(service.database);
    expect(errorOf(await ask(mallory, changes))).toEqual([status, type]);
    expect(await rowCounts(service.database)).toEqual(before);
  });

  test('lasts as long as it says, a year at most', async () => {
    for (const days of [1, 365]) {
      const { created, expires, ...grant } = await mallory.grant(`u/mallory/${days}`, { days });
      expect(grant).toMatchObject({
        owner: 'mallory',
        granted_by: 'mallory',
        grantee: 'bot-epo-export',
        state: 'live',
        enforcement: 'ledger',
        revoked: null
      });
      const lasts = (Date.parse(expires) - Date.parse(created)) / DAY;
      expect(lasts).toBeCloseTo(days, 2); // between the clocks of service and database
    }
  });

  test("of a group's run is a member's to give, for 90 days at most", async () => {
    const collection = 'g/galaxies/shared';
    expect(errorOf(await ask(alien, { collection, expires_in_days: 91 }))).toEqual([
      422,
      'invalid'
    ]);
    const grant = await alien.grant(collection, { days: 90 });
    expect([grant.owner, grant.granted_by]).toEqual(['galaxies', 'alien']);
    const listed = (await grantsOf(other)).filter(({ id }) => id === grant.id);
    expect(listed.map(({ granted_by }) => granted_by)).toEqual(['alien']);
  });

  test('given again is renewed, not doubled', async () => {
    const first = await mallory.grant('u/mallory/renewed', { days: 1 });
    const second = await mallory.grant('u/mallory/renewed', { days: 30 });
    expect(second.id).toBe(first.id);
    expect(Date.parse(second.expires)).toBeGreaterThan(Date.parse(first.expires));
    const listed = (await grantsOf(mallory)).filter(
      ({ collection }) => collection === 'u/mallory/renewed'
    );
    expect(listed).toEqual([second]);
  });

  test('once revoked stays so, and a new one is another', async () => {
    const { id } = await mallory.grant('u/mallory/revoked');
    const revoked = bodyOf(await mallory.call('DELETE', `/grants/${id}`), 200, Grant);
    expect(revoked.state).toBe('revoked');
    const again = bodyOf(await mallory.call('DELETE', `/grants/${id}`), 200, Grant);
    expect(again.revoked).toBe(revoked.revoked);
    expect((await mallory.grant('u/mallory/revoked')).id).not.toBe(id);
  });

  test('is revoked once in the audit trail, however often it is asked', async () => {
    const { id } = await mallory.grant('u/mallory/revoked-twice');
    await mallory.call('DELETE', `/grants/${id}`);
    await mallory.call('DELETE', `/grants/${id}`);
    const events = await service.database.query(
      "SELECT FROM audit_events WHERE action = 'revoke' AND detail->>'grant_id' = $1",
      [id]
    );
    expect(events).toHaveLength(1);
  });

  test("of a group's run can be revoked by another member, and by nobody else", async () => {
    const { id } = await alien.grant('g/galaxies/shared');
    expect(errorOf(await mallory.call('DELETE', `/grants/${id}`))).toEqual([404, 'not_found']);
    const revoked = bodyOf(await other.call('DELETE', `/grants/${id}`), 200, Grant);
    expect(revoked.state).toBe('revoked');
  });

  test('that has expired says so and lets nothing be submitted, until it is renewed', async () => {
    const { id } = await alien.grant('u/alien/story');
    await service.database.query(
      "UPDATE grants SET expires = now() - interval '1 second' WHERE id = $1",
      [id]
    );
    const states = (await grantsOf(alien)).filter(grant => grant.id === id);
    expect(states.map(({ state }) => state)).toEqual(['expired']);
    const wish = submissionOf(await alien.project(), 'u/alien/story');
    expect(errorOf(await alien.submit(wish))).toEqual([403, 'grant_missing']);
    await alien.grant('u/alien/story');
    expect((await alien.submit(wish)).status).toBe(202);
  });

  test('of a run covers no chain, no prefix and no other run', async () => {
    await mallory.grant('u/mallory/one');
    const project = await mallory.project();
    for (const [name, kind] of [
      ['u/mallory/one', 'chain'],
      ['u/mallory/one', 'prefix'],
      ['u/mallory', 'prefix'],
      ['u/mallory/one/more', 'run'],
      ['u/mallory/on', 'run']
    ] as const) {
      const answer = await mallory.submit(submissionOf(project, name, kind));
      expect([name, kind, ...errorOf(answer)]).toEqual([name, kind, 403, 'grant_missing']);
    }
  });
});

describe('a grant that ends in the midst of an export', () => {
  test('stops it before anything is listed', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/my cutouts');
    const [grant] = (await grantsOf(alien)).filter(g => g.collection === 'u/alien/my cutouts');
    await alien.call('DELETE', `/grants/${grant?.id}`);
    await service.startWorker();
    expect(await alien.reaches(id, 'FAILED')).toMatchObject({
      reason: { type: 'grant_ended' },
      counts: { total: 0 }
    });
  });

  test.each([
    ['revoked', 'collect.committed'],
    ['expired', 'collect.committed'],
    ['revoked', 'decide.approved'],
    ['revoked', 'publish.committed'],
    ['expired', 'finish.manifest_written']
  ] as const)('(%s at %s) deletes what was retrieved and published', async (how, point) => {
    const id = await interrupted('u/alien/thirty', point);
    expect((await filesOf(id)).length).toBeGreaterThan(0);
    const [grant] = (await grantsOf(alien)).filter(
      g => g.collection === 'u/alien/thirty' && g.state === 'live'
    );
    if (how === 'revoked') {
      await alien.call('DELETE', `/grants/${grant?.id}`);
    } else {
      await service.database.query('UPDATE grants SET expires = now() WHERE id = $1', [grant?.id]);
    }
    await service.startWorker();
    const failed = await alien.reaches(id, 'FAILED');
    expect(failed).toMatchObject({
      reason: { type: 'grant_ended', msg: expect.stringContaining('u/alien/thirty') },
      counts: { listed: 30, checked: 0, published: 0 },
      manifest_url: null
    });
    await until('its files are gone', async () => (await filesOf(id)).length === 0);
  });

  test('lets it end well after a new grant and a retry', async () => {
    const id = await interrupted('u/alien/retried', 'list.committed');
    const [grant] = (await grantsOf(alien)).filter(g => g.collection === 'u/alien/retried');
    await alien.call('DELETE', `/grants/${grant?.id}`);
    await service.startWorker();
    await alien.reaches(id, 'FAILED');
    await alien.grant('u/alien/retried');
    await alien.call('POST', `/exports/${id}/retry`);
    expect((await alien.reaches(id, 'PUBLISHED')).counts).toMatchObject({ published: 20 });
  });

  test('leaves public what was published before', async () => {
    const { id } = await alien.publish('u/alien/story');
    const [grant] = (await grantsOf(alien)).filter(
      g => g.collection === 'u/alien/story' && g.state === 'live'
    );
    await alien.call('DELETE', `/grants/${grant?.id}`);
    const [item] = await alien.items(id);
    expect((await fetch(item?.url ?? '')).status).toBe(200);
    expect(bodyOf(await alien.call('GET', `/exports/${id}`), 200, Export).state).toBe('PUBLISHED');
  });
});

test('ids of grants say nothing to others', async () => {
  const { id } = await mallory.grant('u/mallory/secret');
  const theirs = await alien.call('DELETE', `/grants/${id}`);
  const absent = await alien.call('DELETE', `/grants/${randomUUID()}`);
  expect([theirs.status, theirs.text]).toEqual([404, absent.text]);
});
