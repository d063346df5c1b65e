/** What an operator sets about identities: a part of the settings file (`../config.ts`). */
import { Type, type Static } from 'typebox';
import { OneOf } from '../http/schemas.ts';

const Username = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' });
/** As Gafaelfawr's (gafaelfawr:src/gafaelfawr/constants.py, GROUPNAME_REGEX), short of its rule on digits. */
const GroupName = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$', description });
/** Node gives header names in lower case. */
const HeaderName = (name: string) =>
  Type.String({ pattern: '^[a-z0-9-]{1,64}$', default: name, description: 'In lower case.' });

export const LocalSettings = Type.Object(
  {
    mode: OneOf(['local'] as const, 'A file of tokens, for one machine.'),
    tokens_file: Type.String()
  },
  { additionalProperties: false }
);

export const GafaelfawrSettings = Type.Object(
  {
    mode: OneOf(['gafaelfawr'] as const, 'Behind a Gafaelfawr ingress of the RSP.'),
    gafaelfawr_url: Type.String({
      description: "The RSP's own address, such as https://data.example.org; https but on loopback."
    }),
    service: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
      default: 'epo-export',
      description:
        "The ingress's `config.service`: only tokens that were delegated to it are accepted."
    }),
    reviewers_group: GroupName('Whose members review exports.'),
    operators_group: GroupName('Whose members operate the service.'),
    headers: Type.Object(
      {
        user: HeaderName('x-auth-request-user'),
        email: HeaderName('x-auth-request-email'),
        service: HeaderName('x-auth-request-service'),
        token: HeaderName('x-auth-request-token')
      },
      {
        additionalProperties: false,
        default: {},
        description: 'Which headers the ingress sets, and takes away where a client sends them.'
      }
    ),
    cache_seconds: Type.Integer({
      minimum: 1,
      maximum: 1800,
      default: 300,
      description:
        "How long an answer of Gafaelfawr's is believed: so long may somebody act who was removed from a group. Gafaelfawr's own policy is five minutes (gafaelfawr:client/src/rubin/gafaelfawr/_constants.py)."
    }),
    acting_bots: Type.Array(Username, {
      default: [],
      description:
        "Bots that may grant, submit and cancel as PIs do: those as which mobu runs the tutorial. What they submit is held like everybody's."
    })
  },
  { additionalProperties: false }
);
export type GafaelfawrSettings = Static<typeof GafaelfawrSettings>;

export const IdentitySettings = Type.Union([LocalSettings, GafaelfawrSettings]);
export type IdentitySettings = Static<typeof IdentitySettings>;

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Tokens are sent there, so it must be the RSP's own origin, and over https.
 *
 * @returns what is wrong with the address, for after the setting's name
 */
export function problemWithUrl(text: string): string | undefined {
  if (!URL.canParse(text)) {
    return 'must be an address such as https://data.example.org.';
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))) {
    return 'must begin with https://, since users’ tokens are sent there.';
  }
  return url.href === `${url.origin}/`
    ? undefined
    : 'must be an origin alone, without user, path, query or fragment.';
}
