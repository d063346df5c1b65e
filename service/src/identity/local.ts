/**
 * Identities from a file of tokens, for the demo and the tests. It stands in for Gafaelfawr, which cannot run on
 * one machine; the service refuses to listen beyond loopback while it is in use.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Type, type Static } from 'typebox';
import Value from 'typebox/value';
import {
  bearerToken,
  isBot,
  notAuthenticated,
  type Identity,
  type IdentityProvider
} from './identity.ts';
import { ROLES } from './schemas.ts';
import { OneOf } from '../http/schemas.ts';

const REALM = 'epo-export';

const TokenFile = Type.Object({
  tokens: Type.Array(
    Type.Object({
      token: Type.String({ minLength: 16 }),
      username: Type.String({ pattern: '^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$' }),
      uid: Type.Integer({ minimum: 0 }),
      groups: Type.Array(Type.String()),
      roles: Type.Array(OneOf(ROLES, ''))
    })
  )
});
export type TokenFile = Static<typeof TokenFile>;

export class LocalIdentities implements IdentityProvider {
  readonly #known: readonly { digest: Buffer; identity: Identity }[];

  constructor(file: TokenFile) {
    this.#known = file.tokens.map(({ token, ...identity }) => ({
      digest: digest(token),
      identity: { ...identity, mayDecide: !isBot(identity.username) }
    }));
  }

  /**
   * @param path - a JSON file as {@link TokenFile} says
   * @throws Error where the file is missing or of another shape
   */
  static fromFile(path: string): LocalIdentities {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!Value.Check(TokenFile, content)) {
      const first = Value.Errors(TokenFile, content)[0];
      throw new Error(
        `${path} is not a token file: ${first?.instancePath ?? ''} ${first?.message ?? 'wrong shape'}`
      );
    }
    return new LocalIdentities(content);
  }

  async identify({ authorization }: IncomingHttpHeaders): Promise<Identity> {
    const token = bearerToken(authorization);
    if (token === undefined) {
      throw notAuthenticated(
        REALM,
        'The export service needs to know who calls: send an RSP token as "Authorization: Bearer …".'
      );
    }
    const wanted = digest(token);
    const known = this.#known.find(({ digest }) => timingSafeEqual(digest, wanted));
    if (!known) {
      throw notAuthenticated(
        REALM,
        'This token is not known to the export service. Log in again, or ask for a new token.',
        'invalid_token'
      );
    }
    return known.identity;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
