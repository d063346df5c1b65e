/**
 * The public's door: approved files and manifests, to anyone, from an origin of its own. It needs the public store
 * alone and knows no names but those that it finds in an export's index.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isMissing, readStart } from '../objects/files.ts';
import type { Entry, Index, PublicStore } from '../objects/public-store.ts';
import { PUBLIC_PATH } from './urls.ts';

/** Exports of which it remembers the index; each may hold 10,000 names, about 3 MB. */
const REMEMBERED = 16;

const HEADERS = {
  'x-content-type-options': 'nosniff',
  // A file that a browser took for a page could do nothing.
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'ETag',
  'referrer-policy': 'no-referrer',
  'cache-control': 'public, max-age=300, must-revalidate'
} as const;

/** @returns a server that is not listening yet */
export function publicServer(store: PublicStore, logger: Logger): Server {
  const shelf = new Shelf(store);
  return createServer((request, response) => {
    answer(shelf, store, request, response).catch((error: unknown) => {
      logger.error({ err: error, path: request.url }, 'public request failed');
      if (!response.headersSent) {
        end(response, 500);
      } else {
        response.destroy();
      }
    });
  });
}

async function answer(
  shelf: Shelf,
  store: PublicStore,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    end(response, 405);
    return;
  }
  const { prefix, name } = PUBLIC_PATH.exec(request.url ?? '')?.groups ?? {};
  // Only what was public says that it is gone; a guess is told nothing.
  const found = prefix && name ? await shelf.find(prefix, name) : undefined;
  if (!prefix || !name || !found) {
    end(response, 404);
    return;
  }
  if (store.isClosed(prefix)) {
    end(response, 410);
    return;
  }
  const tag = `"${found.sha256}"`;
  if (request.headers['if-none-match']?.includes(tag)) {
    response.writeHead(304, { ...HEADERS, etag: tag }).end();
    return;
  }
  // A byte more than there should be: a file that is not what was approved shows as such, whatever its size.
  const bytes = await readStart(store.pathOf(prefix, name), found.size + 1).catch(
    (error: unknown) => {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  );
  if (!bytes) {
    // Taken down this moment, or announced in the index and not published yet.
    end(response, store.isClosed(prefix) ? 410 : 404);
    return;
  }
  response.writeHead(200, {
    ...HEADERS,
    'content-type': found.media_type,
    'content-length': bytes.length,
    etag: tag
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function end(response: ServerResponse, status: number): void {
  response
    .writeHead(status, { ...HEADERS, 'cache-control': 'no-store', 'content-length': 0 })
    .end();
}

/** The indexes of the exports that were asked for last. Whether they are closed it never remembers. */
class Shelf {
  readonly #store: PublicStore;
  readonly #books = new Map<string, { version: string; index: Promise<Index> }>();

  constructor(store: PublicStore) {
    this.#store = store;
  }

  async find(prefix: string, name: string): Promise<Entry | undefined> {
    const version = this.#store.indexVersion(prefix);
    return version === undefined ? undefined : (await this.#read(prefix, version)).get(name);
  }

  async #read(prefix: string, version: string): Promise<Index> {
    const known = this.#books.get(prefix);
    const book = known?.version === version ? known : { version, index: this.#store.index(prefix) };
    this.#books.delete(prefix);
    this.#books.set(prefix, book);
    for (const oldest of [...this.#books.keys()].slice(0, -REMEMBERED)) {
      this.#books.delete(oldest);
    }
    return book.index.catch((error: unknown) => {
      if (this.#books.get(prefix) === book) {
        this.#books.delete(prefix);
      }
      throw error;
    });
  }
}
