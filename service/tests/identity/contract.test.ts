/** What we rely on of Gafaelfawr, and what its stand-in answers, against the schemas that Gafaelfawr publishes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Compile } from 'typebox/schema';
import Value from 'typebox/value';
import {
  TokenInfo,
  TOKEN_INFO,
  USER_INFO,
  UserInfo
} from '../../src/identity/gafaelfawr-client.ts';
import { MAY_CALL } from '../../src/identity/permissions.ts';
import published from '../../stand-ins/gafaelfawr.schemas.json' with { type: 'json' };
import { GafaelfawrStandIn } from '../../stand-ins/gafaelfawr.ts';
import { operations } from '../support/contract.ts';

const schemas = {
  [USER_INFO]: { ours: UserInfo, theirs: Compile({ $defs: published, ...published.UserInfo }) },
  [TOKEN_INFO]: { ours: TokenInfo, theirs: Compile({ $defs: published, ...published.TokenInfo }) }
} as const;

const KEY = 'dDQg_NTNS51GxeEteqnkag';

/** As little as the schema allows, all of it, and its nulls. */
const ANSWERS: Record<keyof typeof schemas, Record<string, unknown>[]> = {
  [USER_INFO]: [
    { username: 'a' },
    { username: 'bot-mobu01', name: null, email: null, uid: null, gid: null, groups: [] },
    {
      username: 'alien',
      name: 'A. Lien',
      email: 'alien@example.org',
      uid: 4123,
      gid: 4123,
      groups: [{ name: 'g_galaxies', id: 98_765 }],
      quota: { api: {}, notebook: { cpu: 4, memory: 16, spawn: true } }
    }
  ],
  [TOKEN_INFO]: [
    { username: 'a', token_type: 'session', scopes: [], token: KEY },
    {
      username: 'alien',
      token_type: 'internal',
      scopes: ['read:image'],
      token: KEY,
      service: 'epo-export',
      created: 1_700_000_000,
      expires: 1_800_000_000,
      parent: KEY
    },
    {
      username: 'alien',
      token_type: 'user',
      scopes: [],
      token: KEY,
      service: null,
      expires: null,
      token_name: null
    }
  ]
};

let gafaelfawr: GafaelfawrStandIn;
beforeAll(async () => {
  gafaelfawr = await GafaelfawrStandIn.start();
});
afterAll(() => gafaelfawr.close());

describe.each([USER_INFO, TOKEN_INFO] as const)('%s', path => {
  const { ours, theirs } = schemas[path];

  test.each(ANSWERS[path])('an answer that Gafaelfawr may give is taken: %j', answer => {
    expect(theirs.Check(answer)).toBe(true);
    expect([...Value.Errors(ours, answer)]).toEqual([]);
  });

  test('each field that we read is one that Gafaelfawr publishes', () => {
    const fields = Object.keys(
      (path === USER_INFO ? published.UserInfo : published.TokenInfo).properties
    );
    expect(fields).toEqual(expect.arrayContaining(Object.keys(ours.properties)));
  });

  test.each([
    { username: 'a' },
    { username: 'alien', email: 'a@b.c', uid: 7, groups: [{ name: 'g_a', id: 8 }] }
  ])('the stand-in answers as Gafaelfawr does, of %j', async user => {
    gafaelfawr.know(user);
    const token = gafaelfawr.issue({
      username: user.username,
      token_type: 'internal',
      service: 'epo-export',
      expires: 4_000_000_000
    });
    const answer = await fetch(`${gafaelfawr.url}${path}`, {
      headers: { authorization: `Bearer ${token}` }
    });
    const body: unknown = await answer.json();
    expect(theirs.Errors(body)[1]).toEqual([]);
    expect(answer.status).toBe(200);
  });
});

test('the table of who may call what has every operation of the contract, and no other', () => {
  expect(Object.keys(MAY_CALL).sort()).toEqual(
    operations()
      .map(({ id }) => id)
      .sort()
  );
});

test('what changes anything is left to people; a preflight changes nothing', () => {
  const changing = operations().filter(
    ({ method, id }) => method !== 'GET' && id !== 'preflightExport'
  );
  const forPeople = Object.entries(MAY_CALL).flatMap(([id, who]) => (who === 'people' ? [id] : []));
  expect(forPeople.sort()).toEqual(changing.map(({ id }) => id).sort());
});
