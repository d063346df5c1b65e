/** Who calls. Two sources: `local` (a file, one machine) and, on the platform, Gafaelfawr. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ClientError } from '../http/errors.ts';
import { requireDecider } from './permissions.ts';
import type { ROLES } from './schemas.ts';

export type Role = (typeof ROLES)[number];

/** Somebody whom the service knows. */
export interface Identity {
  readonly username: string;
  /** POSIX uid: files that this user grants must belong to it. The platform has users without one. */
  readonly uid: number | undefined;
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
  /** Whether a person stands behind this request, who may do what `permissions.ts` leaves to people. */
  readonly mayDecide: boolean;
}

/** Where identities come from. */
export interface IdentityProvider {
  /**
   * @param headers - of the request
   * @returns who that is
   * @throws ClientError where that is not known, or cannot be found out at the moment
   */
  identify(headers: IncomingHttpHeaders): Promise<Identity>;
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
}

/** Makes every route of `app` ask who calls and whether they may, and sets `request.identity`. */
export function requireIdentity(app: FastifyInstance, provider: IdentityProvider): void {
  app.decorateRequest('identity');
  app.addHook('onRequest', async request => {
    request.identity = await provider.identify(request.headers);
    requireDecider(request.identity, request.routeOptions.schema?.operationId);
  });
}

/** Bots have names of their own (gafaelfawr:src/gafaelfawr/constants.py, BOT_USERNAME_REGEX). */
export function isBot(username: string): boolean {
  return username.startsWith('bot-');
}

/**
 * @throws ClientError `uid_missing`
 */
export function requireUid({ username, uid }: Identity): number {
  if (uid === undefined) {
    throw new ClientError(
      'uid_missing',
      `The RSP has no numeric user id (uid) for ${username}, and without one EPO cannot tell whose files are whose. Nothing was granted. Ask the RSP's support for one.`
    );
  }
  return uid;
}

/** What followed `Bearer` in an Authorization header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1];
}

/**
 * A 401 with the challenge that Gafaelfawr's carry (gafaelfawr:src/gafaelfawr/auth.py; RFC 6750, section 3): without an
 * error where there was no token at all.
 */
export function notAuthenticated(
  realm: string,
  msg: string,
  problem?: 'invalid_token'
): ClientError {
  const challenge = problem
    ? `Bearer realm="${realm}", error="${problem}", error_description="Token is not valid"`
    : `Bearer realm="${realm}"`;
  return new ClientError('not_authenticated', msg, undefined, {
    'www-authenticate': challenge
  });
}
