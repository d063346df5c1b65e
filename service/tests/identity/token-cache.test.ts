import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { GafaelfawrClient, GafaelfawrUnavailable } from '../../src/identity/gafaelfawr-client.ts';
import { TokenCache, type Finding } from '../../src/identity/token-cache.ts';

type Found = Finding<string, 'invalid_token'>;

/** A cache with a clock of the test's own, and how often it asked. */
function cacheOf(answer: (token: string, now: number) => Found | Promise<Found>, size = 3) {
  const clock = { now: 1000 };
  const asked: string[] = [];
  const cache = new TokenCache<string, 'invalid_token'>({
    now: () => clock.now,
    size,
    ask: async token => {
      asked.push(token);
      return answer(token, clock.now);
    }
  });
  return { cache, clock, asked };
}

const known = (value: string, now: number): Found => ({
  is: 'known',
  value,
  asked: now,
  until: now + 10
});
const refused = (now: number): Found => ({
  is: 'refused',
  refusal: 'invalid_token',
  until: now + 5
});

describe('what is known of tokens', () => {
  test('is asked once by many who call at once, and then until its time is over', async () => {
    const { cache, clock, asked } = cacheOf(known);
    await Promise.all(Array.from({ length: 20 }, () => cache.get('a')));
    clock.now += 9;
    await cache.get('a');
    expect(asked).toEqual(['a']);
    clock.now += 1;
    await cache.get('a');
    expect(asked).toEqual(['a', 'a']);
  });

  test('is not changed by a question that failed: the next one asks anew', async () => {
    let isDown = true;
    const { cache, asked } = cacheOf((token, now) => {
      if (isDown) {
        throw new Error('down');
      }
      return known(token, now);
    });
    const both = await Promise.allSettled([cache.get('a'), cache.get('a')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    expect(await cache.get('a')).toMatchObject({ value: 'a' });
    expect(asked).toEqual(['a', 'a']);
  });

  test('keeps so many, the longest unused go, and no refusal drives them out', async () => {
    const { cache, asked } = cacheOf((token, now) =>
      token.startsWith('bad') ? refused(now) : known(token, now)
    );
    for (const token of ['a', 'b', 'c', 'a', 'd', 'bad1', 'bad2', 'bad3', 'bad4']) {
      await cache.get(token);
    }
    expect(cache.size).toBe(6);
    asked.length = 0;
    for (const token of ['a', 'c', 'd', 'b']) {
      await cache.get(token);
    }
    expect(asked).toEqual(['b']);
  });

  test('can be forgotten', async () => {
    const { cache, asked } = cacheOf(known);
    await cache.get('a');
    cache.forget('a');
    await cache.get('a');
    expect(asked).toEqual(['a', 'a']);
  });
});

describe('Gafaelfawr', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function clientOf(listener: Parameters<typeof createServer>[1]): Promise<GafaelfawrClient> {
    server = createServer(listener ?? (() => {}));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // a TCP server's
    return new GafaelfawrClient({
      url: `http://127.0.0.1:${port}`,
      service: 'epo-export',
      cacheMs: 1000,
      now: Date.now,
      logger: pino({ level: 'silent' }),
      timeoutMs: 200
    });
  }

  test.each([
    ['never answers', () => {}],
    [
      'never ends its answer',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{');
      }
    ],
    [
      'answers without end',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(`{"username":"${'a'.repeat(2 * 1024 * 1024)}"}`);
      }
    ],
    ['hangs up', request => request.socket.destroy()]
  ] as const satisfies [string, Parameters<typeof createServer>[1]][])(
    'that %s lets nobody in',
    async (_what, listener) => {
      const client = await clientOf(listener);
      await expect(client.ask('gt-x')).rejects.toBeInstanceOf(GafaelfawrUnavailable);
      await client.close();
    }
  );
});
