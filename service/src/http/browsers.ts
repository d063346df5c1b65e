/**
 * What a browser is told, and what it may not be made to do. No browser has business with this API from another origin:
 * the panel asks the lab's own server, so there is no CORS at all, and nobody is known by a cookie. Should an ingress
 * let cookies in by mistake, a page elsewhere still cannot act here.
 */
import type { FastifyInstance } from 'fastify';
import { ClientError } from './errors.ts';

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer'
} as const;

/** A year, for this host alone: what its subdomains do is the platform's to say. */
const ONLY_HTTPS = 'max-age=31536000';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function installBrowserDefences(app: FastifyInstance): void {
  app.addHook('onRequest', async request => {
    if (!SAFE_METHODS.has(request.method) && isFromElsewhere(request.headers)) {
      throw new ClientError(
        'cross_site',
        'A web page of another site made this request, so it was not carried out. Nothing was changed.'
      );
    }
  });
  app.addHook('onSend', async (request, reply) => {
    reply.headers(HEADERS);
    // The ingress ends TLS and says so; over plain HTTP browsers ignore the header.
    if (request.headers['x-forwarded-proto'] === 'https') {
      reply.header('strict-transport-security', ONLY_HTTPS);
    }
  });
}

/** By what browsers say of themselves and a page cannot change (Fetch Metadata; Origin, for older ones). */
function isFromElsewhere(
  headers: Readonly<Record<string, string | string[] | undefined>>
): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) {
    return site !== 'same-origin' && site !== 'none';
  }
  const { origin, host } = headers;
  return (
    origin !== undefined &&
    !(typeof origin === 'string' && URL.canParse(origin) && new URL(origin).host === host)
  );
}
