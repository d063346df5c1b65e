/**
 * A stand-in for Semaphore 2, which needs Kubernetes and Gafaelfawr: the routes by which a bot tells a user something
 * and lists what it told (semaphore:src/semaphore/{handlers/v1/handlers,models/notification}.py). It has no
 * idempotency key either: what is posted twice is there twice.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Type, type Static } from 'typebox';
import Value from 'typebox/value';
import { closed, json, listening, portOf } from './http.ts';

const Create = Type.Object({
  recipient: Type.String(),
  summary: Type.String(),
  body: Type.Optional(Type.Union([Type.String(), Type.Null()]))
});

interface Notification extends Static<typeof Create> {
  readonly id: string;
  readonly sender: string;
  readonly created: string;
  readonly read: null;
  readonly url: string;
}

const ROUTE = /^\/semaphore\/v1\/services\/([^/]+)\/notifications$/;

export class SemaphoreStandIn {
  readonly url: string;
  readonly sent: Notification[] = [];
  /** `deaf` takes a message and never says so; `broken` takes none. */
  mood: 'well' | 'broken' | 'deaf' = 'well';
  readonly #server: Server;
  readonly #bots: ReadonlyMap<string, string>;

  private constructor(server: Server, bots: ReadonlyMap<string, string>) {
    this.#server = server;
    this.#bots = bots;
    this.url = `http://127.0.0.1:${portOf(server)}`;
  }

  /** @param bots - each bot's name by its token */
  static async start(bots: ReadonlyMap<string, string>): Promise<SemaphoreStandIn> {
    const server = await listening(createServer());
    const semaphore = new SemaphoreStandIn(server, bots);
    server.on('request', (request, response) => {
      semaphore.#answer(request, response).catch(() => response.destroy());
    });
    return semaphore;
  }

  async close(): Promise<void> {
    await closed(this.#server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const bot = ROUTE.exec(pathname)?.[1];
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const caller = token === undefined ? undefined : this.#bots.get(token);
    if (this.mood === 'broken') {
      fail(response, 503, 'unavailable');
      return;
    }
    if (bot === undefined) {
      fail(response, 404, 'not_found');
      return;
    }
    if (caller === undefined) {
      fail(response, 401, 'invalid_token');
      return;
    }
    if (caller !== bot || !bot.startsWith('bot-')) {
      fail(response, 403, 'permission_denied');
      return;
    }
    if (request.method === 'GET') {
      const since = searchParams.get('since');
      const recipient = searchParams.get('recipient');
      const found = this.sent.filter(
        one =>
          (recipient === null || one.recipient === recipient) &&
          (since === null || Date.parse(one.created) >= Date.parse(since))
      );
      json(response, 200, found.reverse());
      return;
    }
    const content: unknown = JSON.parse(await text(request));
    if (!Value.Check(Create, content)) {
      fail(response, 422, 'missing');
      return;
    }
    const id = String(this.sent.length + 1);
    const url = `${this.url}${pathname}/${id}`;
    const created = `${new Date().toISOString().slice(0, 19)}Z`; // to the second
    const notification = { body: null, ...content, id, sender: bot, created, read: null, url };
    this.sent.push(notification);
    if (this.mood === 'deaf') {
      return;
    }
    json(response, 200, notification, { location: url });
  }
}

function fail(response: ServerResponse, status: number, type: string): void {
  json(response, status, { detail: [{ msg: 'Refused', type }] });
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer); // no encoding is set
  }
  return Buffer.concat(parts).toString('utf8');
}
