/** Fetches what was published from where the public fetches it, and compares: rule 7 rests on this. */
import { createHash } from 'node:crypto';
import { Pool, type Dispatcher } from 'undici';
import { publicUrl } from '../public/urls.ts';

export interface Expected {
  readonly name: string;
  readonly sha256: string;
}

/** Requests under way at a time: enough to hide the round trip, few enough for a small server. */
const CONCURRENCY = 16;

export class ReadBack {
  readonly #origin: string;
  readonly #pool: Pool;

  /** @param origin - of the public server, as the public reaches it */
  constructor(origin: string) {
    this.#origin = origin;
    this.#pool = new Pool(new URL(origin).origin, {
      connections: CONCURRENCY,
      bodyTimeout: 60_000,
      headersTimeout: 60_000
    });
  }

  /**
   * @returns the names whose bytes differ from what was approved; empty when all is well
   * @throws Error where the public server does not answer: nothing is known then
   */
  async differing(prefix: string, expected: readonly Expected[]): Promise<string[]> {
    const wrong: string[] = [];
    const rest = expected.values();
    const lane = async (): Promise<void> => {
      for (const { name, sha256 } of rest) {
        if ((await this.#hashOf(prefix, name)) !== sha256) {
          wrong.push(name);
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    return wrong;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #hashOf(prefix: string, name: string): Promise<string> {
    const path = new URL(publicUrl(this.#origin, prefix, name)).pathname;
    const { status, sha256 } = await new Promise<Answer>((resolve, reject) => {
      this.#pool.dispatch({ path, method: 'GET' }, new Hashing(resolve, reject));
    });
    if (status !== 200) {
      throw new Error(
        `the public server answered ${status} to a file that has just been published`
      );
    }
    return sha256;
  }
}

interface Answer {
  readonly status: number;
  readonly sha256: string;
}

/** Hashes an answer as it comes in: undici's streams would cost more than half as much again. */
class Hashing implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: Error) => void;
  readonly #hash = createHash('sha256');
  #status = 0;

  constructor(resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {
    // By this method undici knows that the handler speaks its present interface.
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#hash.update(piece);
  }

  onResponseEnd(): void {
    this.#resolve({ status: this.#status, sha256: this.#hash.digest('hex') });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}
