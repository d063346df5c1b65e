/**
 * Identities behind a Gafaelfawr ingress. The delegated token in `X-Auth-Request-Token` is what counts: who it belongs
 * to is asked of Gafaelfawr, and the other headers must agree with the answer. `Authorization` and cookies are never
 * read: the ingress has used them up, and whoever gets past it must not be able to bring their own
 * (docs/decisions/0009).
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { ClientError } from '../http/errors.ts';
import {
  GafaelfawrUnavailable,
  type GafaelfawrClient,
  type Profile,
  type Refusal
} from './gafaelfawr-client.ts';
import {
  isBot,
  notAuthenticated,
  type Identity,
  type IdentityProvider,
  type Role
} from './identity.ts';
import type { GafaelfawrSettings } from './settings.ts';
import { TokenCache } from './token-cache.ts';

/** A header that said something else than Gafaelfawr did. */
export interface Disagreement {
  /** Whose the token is. */
  readonly username: string;
  readonly header: string;
  readonly claimed: string;
}

export interface GafaelfawrIdentitiesParts {
  readonly settings: GafaelfawrSettings;
  readonly client: GafaelfawrClient;
  readonly now: () => number;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Records it in the audit trail. */
  readonly onDisagreement: (disagreement: Disagreement) => Promise<void>;
  readonly cacheSize?: number;
}

/** About a megabyte, and more users than are logged in at a time. */
const CACHE_SIZE = 2000;
/** An answer that is older is asked for anew before a header is refused for it: an address may have changed. */
const FRESH_MS = 10_000;
const LONGEST_CLAIM = 100;

/** gafaelfawr:src/gafaelfawr/models/token.py. Nothing else is ever sent to it. */
const TOKEN = /^gt-[\w-]{22}\.[\w-]{22}$/;

export class GafaelfawrIdentities implements IdentityProvider {
  readonly #parts: GafaelfawrIdentitiesParts;
  readonly #cache: TokenCache<Profile, Refusal>;
  readonly #realm: string;
  /** Findings of which the audit trail knows already that a header disagreed: one row each is enough. */
  readonly #told = new WeakSet<Profile>();

  constructor(parts: GafaelfawrIdentitiesParts) {
    this.#parts = parts;
    this.#realm = new URL(parts.settings.gafaelfawr_url).hostname;
    this.#cache = new TokenCache({
      ask: token => parts.client.ask(token),
      now: parts.now,
      size: parts.cacheSize ?? CACHE_SIZE
    });
  }

  async identify(headers: IncomingHttpHeaders): Promise<Identity> {
    const { settings, now } = this.#parts;
    const token = headers[settings.headers.token];
    if (token === undefined) {
      throw notAuthenticated(
        this.#realm,
        'This request did not come through the RSP’s ingress, which says who calls. Use the service’s public address, with an RSP token.'
      );
    }
    if (typeof token !== 'string' || !TOKEN.test(token)) {
      throw this.#invalid();
    }
    let found = await this.#profile(token);
    let wrong = this.#disagreement(headers, found.profile);
    if (wrong && now() - found.asked > FRESH_MS) {
      this.#cache.forget(token);
      found = await this.#profile(token);
      wrong = this.#disagreement(headers, found.profile);
    }
    if (wrong) {
      await this.#tell(found.profile, wrong);
      throw new ClientError(
        'identity_mismatch',
        'The RSP’s ingress and its user database do not name the same user for this request, so nothing was done. Log in again; if it stays, tell the RSP’s support.'
      );
    }
    return this.#identity(found.profile, headers[settings.headers.service] !== undefined);
  }

  async #profile(token: string): Promise<{ profile: Profile; asked: number }> {
    const finding = await this.#cache.get(token).catch((error: unknown) => {
      if (error instanceof GafaelfawrUnavailable) {
        throw new ClientError(
          'identity_unavailable',
          'The RSP’s login service does not answer at the moment, so the export service cannot tell who calls. Nothing was changed. Try again in a minute.'
        );
      }
      throw error;
    });
    if (finding.is === 'known') {
      return { profile: finding.value, asked: finding.asked };
    }
    if (finding.refusal === 'invalid_token') {
      throw this.#invalid();
    }
    const seconds = Math.max(1, Math.ceil((finding.until - this.#parts.now()) / 1000));
    throw new ClientError(
      'rate_limited',
      'The RSP asks to slow down, and nothing was done. Wait a little, then go on.',
      undefined,
      { 'retry-after': String(seconds) }
    );
  }

  /** The ingress always names the user; the address only where it knows one. */
  #disagreement(headers: IncomingHttpHeaders, profile: Profile): Disagreement | undefined {
    const { user, email } = this.#parts.settings.headers;
    const said = (header: string) => headers[header]?.toString();
    const differs = (header: string): Disagreement => ({
      username: profile.username,
      header,
      claimed: (said(header) ?? '').slice(0, LONGEST_CLAIM)
    });
    if (said(user) !== profile.username) {
      return differs(user);
    }
    return said(email) !== undefined && said(email) !== profile.email ? differs(email) : undefined;
  }

  async #tell(profile: Profile, wrong: Disagreement): Promise<void> {
    const { logger, onDisagreement } = this.#parts;
    logger.warn({ user: wrong.username, ...wrong }, 'a header of the ingress disagrees');
    if (this.#told.has(profile)) {
      return;
    }
    this.#told.add(profile);
    await onDisagreement(wrong).catch((error: unknown) =>
      logger.error({ err: error }, 'a refused request is not in the audit trail')
    );
  }

  #identity(profile: Profile, isThroughService: boolean): Identity {
    const { username, uid, groups } = profile;
    const { reviewers_group, operators_group, acting_bots } = this.#parts.settings;
    const bot = isBot(username);
    const staff: Role[] = [];
    if (!bot && groups.includes(reviewers_group)) {
      staff.push('reviewer');
    }
    if (!bot && groups.includes(operators_group)) {
      staff.push('operator');
    }
    return {
      username,
      uid,
      groups,
      roles: ['pi', ...staff],
      mayDecide: !isThroughService && (!bot || acting_bots.includes(username))
    };
  }

  #invalid(): ClientError {
    return notAuthenticated(
      this.#realm,
      'The RSP does not accept this token for the export service. Log in again, or ask for a new token.',
      'invalid_token'
    );
  }
}
