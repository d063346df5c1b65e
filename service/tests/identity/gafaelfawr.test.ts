/** Who is let in behind a Gafaelfawr ingress, and who is not. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Grant } from '../../src/grants/schemas.ts';
import { Me } from '../../src/identity/schemas.ts';
import { Project } from '../../src/projects/schemas.ts';
import { bodyOf, Client, errorOf } from '../support/client.ts';
import { rowCounts } from '../support/database.ts';
import { startPlatform, USERS, type Platform, type Username } from '../support/platform.ts';
import { until } from '../support/until.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ cache_seconds: 1 });
});
afterAll(() => platform?.close());
afterEach(() => {
  platform.gafaelfawr.behaviour = { is: 'well' };
  Object.values(USERS).forEach(user => platform.gafaelfawr.know(user));
});

/** A request that reaches the service's port with these headers, whoever set them. */
async function past(headers: Record<string, string>, method = 'GET', path = '/me') {
  const response = await fetch(`${platform.service.api}${path}`, {
    method,
    headers,
    ...(method === 'POST' && { body: '{"name":"p"}' })
  });
  return {
    status: response.status,
    headers: response.headers,
    text: '',
    body: (await response.json()) as unknown
  };
}

const GRANT = { repository: 'test', collection: 'u/alien/story', kind: 'run', expires_in_days: 1 };

function headersOf(username: Username): Record<string, string> {
  return {
    'x-auth-request-user': username,
    'x-auth-request-token': platform.delegated(username)
  };
}

describe('through the ingress', () => {
  test.each([
    ['alien', ['galaxies'], ['pi']],
    ['reviewer', ['g_reviewers'], ['pi', 'reviewer']],
    ['operator', ['g_operators'], ['pi', 'operator']],
    ['bot-dashboard', ['g_operators'], ['pi']],
    ['nobody', [], ['pi']]
  ] as const)('%s is who Gafaelfawr says, in those groups', async (username, groups, roles) => {
    const me = bodyOf(await platform.client(username).call('GET', '/me'), 200, Me);
    expect(me).toMatchObject({ username, groups, roles });
  });

  test('headers that a client sends to be somebody else do nothing', async () => {
    const answer = await platform.client('mallory').call('GET', '/me', {
      headers: {
        'x-auth-request-user': 'alien',
        'x-auth-request-email': 'alien@example.org',
        'x-auth-request-token': platform.delegated('alien'),
        cookie: `gafaelfawr=${platform.delegated('alien')}`
      }
    });
    expect(bodyOf(answer, 200, Me).username).toBe('mallory');
  });

  test("another PI's project and export are as if they were not there", async () => {
    const project = await platform.client('alien').project();
    const mallory = platform.client('mallory');
    expect(errorOf(await mallory.call('GET', `/projects/${project}`))).toEqual([404, 'not_found']);
    const json = { ...GRANT };
    expect(errorOf(await mallory.call('POST', '/grants', { json }))).toEqual([403, 'not_yours']);
  });

  test('whom Gafaelfawr knows by no uid can look, and is told why they cannot grant', async () => {
    const nobody = platform.client('nobody');
    const json = { ...GRANT, collection: 'u/nobody/x' };
    expect(errorOf(await nobody.call('POST', '/grants', { json }))).toEqual([403, 'uid_missing']);
  });

  test('who is over the limit is told when to go on, in the words of the platform', async () => {
    const alien = platform.client('alien');
    platform.ingress.limitedUntil = Date.now() + 60_000;
    const answer = await alien.call('GET', '/me');
    platform.ingress.limitedUntil = 0;
    expect(errorOf(answer)).toEqual([429, 'rate_limited']);
    expect(Date.parse(answer.headers.get('retry-after') ?? '')).toBeGreaterThan(Date.now());
  });
});

describe('past the ingress, or with something wrong', () => {
  /** What each case sends, and how it must be refused. */
  const CASES: Record<string, [() => Record<string, string>, number, string]> = {
    nothing: [() => ({}), 401, 'not_authenticated'],
    'a token of one’s own as Bearer': [
      () => ({
        authorization: `Bearer ${platform.gafaelfawr.issue({ username: 'alien', token_type: 'user' })}`
      }),
      401,
      'not_authenticated'
    ],
    'a name without a token': [
      () => ({ 'x-auth-request-user': 'alien' }),
      401,
      'not_authenticated'
    ],
    'a cookie': [
      () => ({ cookie: `gafaelfawr=${platform.delegated('alien')}` }),
      401,
      'not_authenticated'
    ],
    'text in place of a token': [
      () => ({ ...headersOf('alien'), 'x-auth-request-token': 'gt-x' }),
      401,
      'not_authenticated'
    ],
    'a token that nobody issued': [
      () => ({
        ...headersOf('alien'),
        'x-auth-request-token': 'gt-AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA'
      }),
      401,
      'not_authenticated'
    ],
    'a user’s own token where the delegated one belongs': [
      () => ({
        'x-auth-request-user': 'alien',
        'x-auth-request-token': platform.gafaelfawr.issue({ username: 'alien', token_type: 'user' })
      }),
      401,
      'not_authenticated'
    ],
    'a token delegated to another service': [
      () => ({
        'x-auth-request-user': 'alien',
        'x-auth-request-token': platform.gafaelfawr.issue({
          username: 'alien',
          token_type: 'internal',
          service: 'vo-cutouts'
        })
      }),
      401,
      'not_authenticated'
    ],
    'the name of another user': [
      () => ({ ...headersOf('mallory'), 'x-auth-request-user': 'alien' }),
      403,
      'identity_mismatch'
    ],
    'the token of another user': [
      () => ({ ...headersOf('mallory'), 'x-auth-request-token': platform.delegated('alien') }),
      403,
      'identity_mismatch'
    ],
    'no name': [
      () => ({ 'x-auth-request-token': platform.delegated('alien') }),
      403,
      'identity_mismatch'
    ],
    'the address of another user': [
      () => ({ ...headersOf('mallory'), 'x-auth-request-email': 'alien@example.org' }),
      403,
      'identity_mismatch'
    ]
  };

  test.each(Object.keys(CASES))('%s: refused, and nothing changed', async name => {
    const [headers, status, type] = CASES[name] ?? expect.unreachable();
    const sent = headers();
    const before = await rowCounts(platform.service.database);
    const answers = [
      await past(sent),
      await past({ ...sent, 'content-type': 'application/json' }, 'POST', '/projects')
    ];
    expect(answers.map(errorOf)).toEqual([
      [status, type],
      [status, type]
    ]);
    const after = await rowCounts(platform.service.database);
    // A disagreement is in the audit trail, once for each token.
    expect(after).toEqual({
      ...before,
      audit_events: (before['audit_events'] ?? 0) + (status === 403 ? 1 : 0)
    });
  });

  test('a 401 carries the challenge of the platform', async () => {
    expect((await past({})).headers.get('www-authenticate')).toBe('Bearer realm="127.0.0.1"');
    const sent = { ...headersOf('alien'), 'x-auth-request-token': 'gt-x' };
    expect((await past(sent)).headers.get('www-authenticate')).toMatch(
      /^Bearer realm="127\.0\.0\.1", error="invalid_token"/
    );
  });

  test('what is no token is never sent to Gafaelfawr', async () => {
    const asked = new Map(platform.gafaelfawr.asked);
    await past({ ...headersOf('alien'), 'x-auth-request-token': 'gt-x\u00e9' });
    expect(platform.gafaelfawr.asked).toEqual(asked);
  });

  test('the audit trail tells which header disagreed, and no token', async () => {
    await past({ ...headersOf('mallory'), 'x-auth-request-user': 'operator' });
    const [row] = await platform.service.database.query(
      "SELECT actor, subject, detail FROM audit_events WHERE action = 'refuse_identity' ORDER BY id DESC LIMIT 1"
    );
    expect(row).toEqual({
      actor: 'epo-export',
      subject: 'mallory',
      detail: { header: 'x-auth-request-user', claimed: 'operator' }
    });
    expect(await platform.service.log()).not.toContain('gt-');
  });
});

describe('what changes at Gafaelfawr', () => {
  test('who is removed from a group has no role of it any more once the answer is stale', async () => {
    const operator = platform.client('operator');
    const roles = async () => bodyOf(await operator.call('GET', '/me'), 200, Me).roles;
    expect(await roles()).toEqual(['pi', 'operator']);
    platform.gafaelfawr.know({ ...USERS.operator, groups: [] });
    await until('the role is gone', async () => (await roles()).length === 1);
  });

  test('a token that was revoked, or has expired, is refused once the answer is stale', async () => {
    const revoked = headersOf('alien');
    const expiring = {
      ...headersOf('alien'),
      'x-auth-request-token': platform.delegated('alien', Math.ceil(Date.now() / 1000) + 2)
    };
    expect((await past(revoked)).status).toBe(200);
    expect((await past(expiring)).status).toBe(200);
    platform.gafaelfawr.revoke(revoked['x-auth-request-token'] ?? '');
    await until('both are refused', async () => {
      const answers = await Promise.all([past(revoked), past(expiring)]);
      return answers.every(({ status }) => status === 401);
    });
  });

  test('a new address is taken as it comes', async () => {
    const sent = headersOf('alien');
    expect((await past({ ...sent, 'x-auth-request-email': 'alien@example.org' })).status).toBe(200);
    platform.gafaelfawr.know({ ...USERS.alien, email: 'new@example.org' });
    await until(
      'the new address agrees',
      async () =>
        (await past({ ...sent, 'x-auth-request-email': 'new@example.org' })).status === 200
    );
  });
});

describe('Gafaelfawr that does not answer as it should', () => {
  test.each([
    ['is broken', { is: 'answering', status: 500 }],
    ['sends what is no JSON', { is: 'answering', status: 200, body: '<html>' }],
    ['sends another form', { is: 'answering', status: 200, body: '{"username":"../alien"}' }],
    [
      'sends elsewhere',
      { is: 'answering', status: 307, headers: { location: 'http://127.0.0.1:9/' } }
    ]
  ] as const)('which %s: 503, and it is asked anew the next time', async (_what, behaviour) => {
    const sent = headersOf('alien');
    platform.gafaelfawr.behaviour = behaviour;
    expect(errorOf(await past(sent))).toEqual([503, 'identity_unavailable']);
    platform.gafaelfawr.behaviour = { is: 'well' };
    expect((await past(sent)).status).toBe(200);
  });

  test.each([
    ['a date', (): string | undefined => new Date(Date.now() + 100_000).toUTCString(), 90, 100],
    ['seconds', (): string | undefined => '7', 6, 7],
    ['nothing', (): string | undefined => undefined, 9, 10],
    ['nonsense', (): string | undefined => 'soon', 9, 10],
    ['a year', (): string | undefined => '31536000', 299, 300]
  ] as const)(
    'which asks to wait, by %s: 429 with the time',
    async (_what, header, least, most) => {
      const retryAfter = header();
      platform.gafaelfawr.behaviour = {
        is: 'answering',
        status: 429,
        ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } })
      };
      const answer = await past(headersOf('alien'));
      expect(errorOf(answer)).toEqual([429, 'rate_limited']);
      const seconds = Number(answer.headers.get('retry-after'));
      expect(seconds).toBeGreaterThanOrEqual(least);
      expect(seconds).toBeLessThanOrEqual(most);
    }
  );
});

describe('what is left to people', () => {
  test('a bot can look, and can neither grant nor submit nor make a project', async () => {
    const bot = platform.client('bot-dashboard');
    expect((await bot.call('GET', '/exports')).status).toBe(200);
    for (const [path, json] of [
      ['/projects', { name: 'p' }],
      ['/grants', { ...GRANT, collection: 'u/bot-dashboard/x' }],
      ['/exports', {}]
    ] as const) {
      expect(errorOf(await bot.call('POST', path, { json }))).toEqual([403, 'person_required']);
    }
  });

  test('nor can another service in a user’s name', async () => {
    const sent = {
      ...headersOf('alien'),
      'x-auth-request-service': 'vo-cutouts',
      'content-type': 'application/json'
    };
    expect((await past(sent)).status).toBe(200);
    expect(errorOf(await past(sent, 'POST', '/projects'))).toEqual([403, 'person_required']);
  });

  test('a bot that the operator named can, in its own name', async () => {
    const bot = platform.client('bot-mobu01');
    bodyOf(await bot.call('POST', '/projects', { json: { name: 'mobu' } }), 201, Project);
    const json = { ...GRANT, collection: 'u/bot-mobu01/x' };
    bodyOf(await bot.call('POST', '/grants', { json }), 201, Grant);
    expect(errorOf(await bot.call('POST', '/grants', { json: GRANT }))).toEqual([403, 'not_yours']);
  });
});

describe('browsers', () => {
  test('a page of another site cannot act, whatever it sends', async () => {
    const alien = platform.client('alien');
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example.org' },
      { origin: 'null' }
    ]) {
      const answer = await alien.call('POST', '/projects', { json: { name: 'x' }, headers });
      expect(errorOf(answer)).toEqual([403, 'cross_site']);
    }
  });

  test('a form without a body is refused like every other thing that is no JSON', async () => {
    const answer = await platform
      .client('alien')
      .call('POST', '/exports/00000000-0000-4000-8000-000000000000/cancel', {
        headers: { 'content-type': 'application/x-www-form-urlencoded' }
      });
    expect(errorOf(answer)).toEqual([415, 'unsupported_media_type']);
  });

  test('no other origin may read an answer, and none is kept, framed or guessed at', async () => {
    const { headers } = await platform
      .client('alien')
      .call('GET', '/me', { headers: { origin: 'https://evil.example.org' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'strict-transport-security': 'max-age=31536000'
    });
  });
});

test('a client without a token reaches nothing', async () => {
  const answer = await new Client({ api: platform.api }, { token: 'nothing' }).call('GET', '/me');
  expect(answer.status).toBe(401);
});
