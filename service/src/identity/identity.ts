/** Who calls. Two sources exist by design: `local` (this room) and, on the platform, Gafaelfawr. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ClientError } from '../http/errors.ts';
import type { ROLES } from './schemas.ts';

export type Role = (typeof ROLES)[number];

/** One authenticated person. */
export interface Identity {
  readonly username: string;
  /** POSIX uid: files that this user grants must belong to it. */
  readonly uid: number;
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
}

/** Where identities come from. */
export interface IdentityProvider {
  /**
   * @param token - what followed `Bearer` in the Authorization header
   * @returns who that is, or `undefined` if the token is not known
   */
  identify(token: string): Promise<Identity | undefined>;
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
}

/** Makes every route of `app` ask for a known bearer token, and sets `request.identity`. */
export function requireIdentity(app: FastifyInstance, provider: IdentityProvider): void {
  app.decorateRequest('identity');
  app.addHook('onRequest', async request => {
    const identity = await provider.identify(bearerToken(request));
    if (!identity) {
      throw new ClientError(
        'not_authenticated',
        'This token is not known to the export service. Log in again, or ask for a new token.'
      );
    }
    request.identity = identity;
  });
}

function bearerToken(request: FastifyRequest): string {
  const match = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '');
  if (!match?.[1]) {
    throw new ClientError(
      'not_authenticated',
      'The export service needs to know who calls: send an RSP token as "Authorization: Bearer …".'
    );
  }
  return match[1];
}
