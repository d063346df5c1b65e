/**
 * Asks Gafaelfawr who a token's user is. What comes back is checked against the fields of its API that we rely on
 * (gafaelfawr:src/gafaelfawr/models/{userinfo,token}.py; published in squareone:packages/gafaelfawr-client/openapi.json).
 */
import type { Logger } from 'pino';
import { Type, type Static, type TSchema } from 'typebox';
import Value from 'typebox/value';
import { Agent, request } from 'undici';
import { Nullable } from '../http/schemas.ts';
import type { Finding } from './token-cache.ts';

export const USER_INFO = '/auth/api/v1/user-info';
export const TOKEN_INFO = '/auth/api/v1/token-info';

/** Further fields may come: Gafaelfawr adds some from time to time. */
export const UserInfo = Type.Object({
  username: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
  email: Type.Optional(Nullable(Type.String())),
  uid: Type.Optional(Nullable(Type.Integer({ minimum: 1 }))),
  groups: Type.Optional(Type.Array(Type.Object({ name: Type.String({ minLength: 1 }) })))
});

export const TokenInfo = Type.Object({
  username: Type.String(),
  token_type: Type.String(),
  service: Type.Optional(Nullable(Type.String())),
  /** Seconds since 1970. */
  expires: Type.Optional(Nullable(Type.Integer()))
});

/** A user as Gafaelfawr knows them. */
export interface Profile {
  readonly username: string;
  readonly email: string | undefined;
  readonly uid: number | undefined;
  readonly groups: readonly string[];
}

export type Refusal = 'invalid_token' | 'rate_limited';

/** Gafaelfawr did not answer, or not as its API says: nothing is known, and nobody is let in. */
export class GafaelfawrUnavailable extends Error {}

export interface GafaelfawrClientOptions {
  /** Its origin. */
  readonly url: string;
  /** Only tokens delegated to this service are accepted. */
  readonly service: string;
  readonly cacheMs: number;
  readonly now: () => number;
  readonly logger: Pick<Logger, 'warn'>;
  readonly timeoutMs?: number;
}

/** Where it takes longer it is down: its own limit for LDAP is five seconds. */
const TIMEOUT_MS = 8_000;
const LARGEST_ANSWER = 1024 * 1024;
const CONNECTIONS = 16;

/** Refusals are believed for so long: a new login brings a new token anyway. */
const REFUSAL_MS = 30_000;
const RETRY_MS = { usual: 10_000, least: 1_000, most: 300_000 } as const;

export class GafaelfawrClient {
  readonly #options: GafaelfawrClientOptions;
  readonly #agent = new Agent({ connections: CONNECTIONS, maxResponseSize: LARGEST_ANSWER });

  constructor(options: GafaelfawrClientOptions) {
    this.#options = options;
  }

  /**
   * @returns the token's user, until the token expires at the latest
   * @throws GafaelfawrUnavailable
   */
  async ask(token: string): Promise<Finding<Profile, Refusal>> {
    const { now, service, cacheMs, logger } = this.#options;
    const [user, info] = await Promise.all([
      this.#get(USER_INFO, UserInfo, token),
      this.#get(TOKEN_INFO, TokenInfo, token)
    ]);
    if ('is' in user) {
      return user;
    }
    if ('is' in info) {
      return info;
    }
    if (info.username !== user.username) {
      throw this.#unavailable(TOKEN_INFO, 'it names another user than user-info');
    }
    // Any other token than our ingress's own was brought here past it: a user's, or one delegated to another service.
    if (info.token_type !== 'internal' || info.service !== service) {
      logger.warn(
        { user: user.username, token_type: info.token_type, service: info.service },
        'a token that was not delegated to this service'
      );
      return { is: 'refused', refusal: 'invalid_token', until: now() + REFUSAL_MS };
    }
    const asked = now();
    const expires = info.expires == null ? Infinity : info.expires * 1000;
    if (expires <= asked) {
      return { is: 'refused', refusal: 'invalid_token', until: asked + REFUSAL_MS };
    }
    const value: Profile = {
      username: user.username,
      email: user.email ?? undefined,
      uid: user.uid ?? undefined,
      groups: (user.groups ?? []).map(({ name }) => name)
    };
    return { is: 'known', value, asked, until: Math.min(asked + cacheMs, expires) };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** undici's `request` follows no redirect, so the token goes to no other place. */
  async #get<T extends TSchema>(
    path: string,
    schema: T,
    token: string
  ): Promise<Static<T> | (Finding<never, Refusal> & { is: 'refused' })> {
    const { url, timeoutMs = TIMEOUT_MS, now } = this.#options;
    let status: number;
    let retryAfter: string | string[] | undefined;
    let content: unknown;
    try {
      const answer = await request(new URL(path, url), {
        dispatcher: this.#agent,
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        signal: AbortSignal.timeout(timeoutMs)
      });
      status = answer.statusCode;
      retryAfter = answer.headers['retry-after'];
      const text = await answer.body.text();
      content = status === 200 ? JSON.parse(text) : undefined;
    } catch (error) {
      // The error's name alone: what a parser says may quote the answer.
      throw this.#unavailable(path, error instanceof Error ? error.name : 'unknown');
    }
    // 403: a token that is in one of Gafaelfawr's stores and not in the other (handlers/api.py, get_token_info).
    if (status === 401 || status === 403) {
      return { is: 'refused', refusal: 'invalid_token', until: now() + REFUSAL_MS };
    }
    if (status === 429) {
      return { is: 'refused', refusal: 'rate_limited', until: readRetryAfter(retryAfter, now()) };
    }
    if (status !== 200 || !Value.Check(schema, content)) {
      throw this.#unavailable(path, status === 200 ? 'an answer of another form' : `${status}`);
    }
    return content;
  }

  #unavailable(path: string, problem: string): GafaelfawrUnavailable {
    this.#options.logger.warn({ path, problem }, 'Gafaelfawr did not answer as it should');
    return new GafaelfawrUnavailable(`Gafaelfawr, ${path}: ${problem}`);
  }
}

/** Seconds or a date (RFC 9110, 10.2.3); Gafaelfawr sends a date. Kept between a second and five minutes. */
function readRetryAfter(header: string | string[] | undefined, now: number): number {
  const text = typeof header === 'string' ? header : '';
  const read = /^\d{1,9}$/.test(text) ? now + Number(text) * 1000 : Date.parse(text);
  const until = Number.isNaN(read) ? now + RETRY_MS.usual : read;
  return Math.min(Math.max(until, now + RETRY_MS.least), now + RETRY_MS.most);
}
