/** What the service writes about itself: in the platform's fields, and without secrets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLogger } from '../src/logging.ts';
import { Client } from './support/client.ts';
import { tokenOf } from './support/people.ts';
import { startService, type TestService } from './support/service.ts';
import { until } from './support/until.ts';

/** Of the form of Gafaelfawr's, and nobody's. */
const TOKEN = 'gt-1234567890123456789012.abcdefghijklmnopqrstuv';

describe('a line of the log', () => {
  const lines: string[] = [];
  const logger = makeLogger('api', 'debug', { write: line => void lines.push(line) });
  const written = (): unknown => JSON.parse(lines.at(-1) ?? '');

  test.each([
    ['debug', 'DEBUG'],
    ['info', 'INFO'],
    ['warn', 'WARNING'],
    ['error', 'ERROR'],
    ['fatal', 'CRITICAL']
  ] as const)('of level %s has severity %s, an event and a time', (level, severity) => {
    logger[level]({ export_id: 'x' }, 'it happened');
    expect(written()).toEqual({
      severity,
      event: 'it happened',
      process: 'api',
      export_id: 'x',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
    });
  });

  test.each<[string, unknown]>([
    ['a header', { headers: { authorization: `Bearer ${TOKEN}` } }],
    ['a header of another scheme', { headers: { Authorization: 'Basic c2VjcmV0' } }],
    ['a cookie', { cookie: 'gafaelfawr=c2VjcmV0' }],
    ['the delegated token', { 'X-Auth-Request-Token': TOKEN }],
    ['a token with a quote in it', { token: 'a"c2VjcmV0' }],
    ['a message', { err: new Error(`refused Bearer c2VjcmV0 and ${TOKEN}`) }],
    ['a path', { req: { method: 'GET', url: `/v1/${TOKEN}?token=c2VjcmV0` } }],
    ['a database URL', { url: 'postgresql://epo_export:c2VjcmV0@db.example.org/epo_export' }],
    ['a database URL in a message', { err: new Error('postgresql://epo:c2VjcmV0@db no answer') }]
  ])('hides a secret in %s', (_, fields) => {
    logger.error(fields, 'it failed');
    expect(lines.at(-1)).not.toMatch(/c2VjcmV0|abcdefghijklmnopqrstuv/);
    expect(written()).toMatchObject({ event: 'it failed' });
  });

  test('keeps what is no secret', () => {
    logger.info(
      { err: new Error('https://example.org:8080/a@b?c'), tokens: 3, path: 'gt-short' },
      'it stays'
    );
    expect(written()).toMatchObject({
      err: { message: 'https://example.org:8080/a@b?c' },
      tokens: 3,
      path: 'gt-short'
    });
  });
});

describe('the log of a running service', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startService();
  });

  afterAll(async () => {
    await service?.close();
  });

  test('names the user of a request and holds no token, wherever one was put', async () => {
    const alien = new Client(service, 'alien');
    await alien.call('GET', '/me');
    await alien.call('GET', `/exports/${TOKEN}?token=${tokenOf('alien')}`);
    await alien.call('POST', '/projects', { raw: `{"name": "${TOKEN}", "x": `, headers: {} });
    await fetch(`${service.api}/me`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await fetch(`${service.door}/${TOKEN}/${TOKEN}.png`);
    await alien.publish('u/alien/thirty');

    const log = await until('the last request is logged', async () => {
      const text = await service.log();
      return text.includes('/exports/') && text.includes('request completed') ? text : undefined;
    });
    expect(log).not.toContain(TOKEN);
    expect(log).not.toContain(tokenOf('alien'));
    const lines = log
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as Record<string, unknown>); // our own lines, checked below
    const completed = lines.filter(({ event }) => event === 'request completed');
    expect(completed.some(({ user }) => user === 'alien')).toBe(true);
    expect(lines.every(({ severity, event }) => Boolean(severity) && Boolean(event))).toBe(true);
  });
});
