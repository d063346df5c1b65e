/** Semaphore's API for services that notify users (semaphore:src/semaphore/handlers/v1/handlers.py). */
import { readFile } from 'node:fs/promises';
import { Type, type Static, type TSchema } from 'typebox';
import Value from 'typebox/value';
import { Agent, request } from 'undici';
import { Nullable } from '../http/schemas.ts';
import type { Message } from './messages.ts';
import type { SemaphoreSettings } from './settings.ts';

export const Sent = Type.Object({
  id: Type.String({ minLength: 1 }),
  recipient: Type.String(),
  summary: Type.String(),
  body: Nullable(Type.String())
});
const SentList = Type.Array(Sent);

/** Semaphore did not take a message, or it is not known whether it did. */
export class SemaphoreError extends Error {}

const LONGEST_MS = 10_000;
const LARGEST_ANSWER = 16 * 1024 * 1024;

export class SemaphoreClient {
  readonly #settings: SemaphoreSettings;
  readonly #agent = new Agent({ connections: 1, maxResponseSize: LARGEST_ANSWER });
  readonly #timeoutMs: number;

  constructor(settings: SemaphoreSettings) {
    this.#settings = settings;
    // A question must be over before its message is tried again: by another process, if this one lost the lock.
    this.#timeoutMs = Math.min(LONGEST_MS, settings.retry_seconds * 900);
  }

  /** @returns its id; @throws SemaphoreError */
  async send(recipient: string, { summary, body }: Message): Promise<string> {
    const { id } = await this.#call('POST', '', Sent, { recipient, summary, body });
    return id;
  }

  /** @returns what was sent to `recipient` since then; @throws SemaphoreError */
  async list(recipient: string, since: Date): Promise<Static<typeof SentList>> {
    const query = new URLSearchParams({ recipient, since: since.toISOString() });
    return this.#call('GET', `?${query.toString()}`, SentList);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #call<T extends TSchema>(
    method: 'GET' | 'POST',
    query: string,
    schema: T,
    body?: unknown
  ): Promise<Static<T>> {
    const { url, bot, token_file } = this.#settings;
    let status: number;
    let content: unknown;
    try {
      const token = (await readFile(token_file, 'utf8')).trim();
      const answer = await request(
        new URL(`/semaphore/v1/services/${bot}/notifications${query}`, url),
        {
          dispatcher: this.#agent,
          method,
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(body !== undefined && { 'content-type': 'application/json' })
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(this.#timeoutMs)
        }
      );
      status = answer.statusCode;
      const text = await answer.body.text();
      content = status === 200 ? JSON.parse(text) : undefined;
    } catch (error) {
      throw new SemaphoreError(
        `${method}: ${error instanceof Error ? error.message : String(error)}`
      );
    }
    if (status !== 200 || !Value.Check(schema, content)) {
      throw new SemaphoreError(
        `${method}: ${status === 200 ? 'an answer of another form' : status}`
      );
    }
    return content;
  }
}
