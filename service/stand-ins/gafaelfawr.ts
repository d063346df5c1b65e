/**
 * A stand-in for Gafaelfawr, which needs Kubernetes, Redis and LDAP: the two routes of its API that we ask, and the
 * ingress that it guards. What its documentation says of tokens, headers and refusals is done; nothing more is
 * (gafaelfawr:docs/user-guide/{headers,response-headers}.rst; its OpenAPI, of which `gafaelfawr.schemas.json` is a part).
 */
import { randomBytes } from 'node:crypto';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http';
import { closed, json, listening, portOf } from './http.ts';

/** As Gafaelfawr's own names: `user-info` gives it as it is, and a field that is missing is unknown. */
export interface StandInUser {
  readonly username: string;
  readonly name?: string;
  readonly email?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly { readonly name: string; readonly id: number }[];
}

export interface StandInToken {
  readonly username: string;
  readonly token_type: 'session' | 'user' | 'notebook' | 'internal' | 'service';
  /** To whom it was delegated. */
  readonly service?: string;
  /** Seconds since 1970. */
  readonly expires?: number;
}

/** What befalls it: `silent` takes a question and never answers. */
export type Behaviour =
  | { readonly is: 'well' | 'silent' }
  | {
      readonly is: 'answering';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    };

export class GafaelfawrStandIn {
  readonly url: string;
  /** How often each path was asked. */
  readonly asked = new Map<string, number>();
  behaviour: Behaviour = { is: 'well' };
  readonly #server: Server;
  readonly #users = new Map<string, StandInUser>();
  readonly #tokens = new Map<string, StandInToken>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${portOf(server)}`;
    server.on('request', (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<GafaelfawrStandIn> {
    return new GafaelfawrStandIn(await listening(createServer()));
  }

  /** Makes a user known, or changes what is known: `user-info` gives the new at once. */
  know(user: StandInUser): void {
    this.#users.set(user.username, user);
  }

  issue(token: StandInToken): string {
    const text = `gt-${key()}.${key()}`;
    this.#tokens.set(text, token);
    return text;
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** Whose a token is that is known and has not expired. */
  find(token: string): { readonly token: StandInToken; readonly user: StandInUser } | undefined {
    const found = this.#tokens.get(token);
    const user = found && this.#users.get(found.username);
    const isOver = found?.expires !== undefined && found.expires * 1000 <= Date.now();
    return found && user && !isOver ? { token: found, user } : undefined;
  }

  async close(): Promise<void> {
    await closed(this.#server);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
    switch (this.behaviour.is) {
      case 'silent':
        return;
      case 'answering':
        response.writeHead(this.behaviour.status, this.behaviour.headers).end(this.behaviour.body);
        return;
      case 'well':
    }
    const text = bearer(request.headers) ?? '';
    const found = this.find(text);
    if (!found) {
      refuse(response, 401, 'invalid_token', 'Token is not valid', challenge('invalid_token'));
    } else if (path === '/auth/api/v1/user-info') {
      json(response, 200, found.user);
    } else if (path === '/auth/api/v1/token-info') {
      json(response, 200, {
        ...found.token,
        token: text.slice(3, 25),
        scopes: ['read:image'],
        created: 1_700_000_000
      });
    } else {
      refuse(response, 404, 'not_found', 'There is no such route.');
    }
  }
}

/**
 * The ingress before one service (`GafaelfawrIngress` with `delegate.internal` and `allowCookies: false`): it takes
 * Bearer tokens alone, and hands on none of the headers that it sets itself, nor what it has used up.
 */
export class IngressStandIn {
  readonly url: string;
  /** Until then, a time in milliseconds since 1970, every request is over the limit. */
  limitedUntil = 0;
  /** Users whose tokens lack the scope that the service asks for. */
  readonly unscoped = new Set<string>();
  readonly #server: Server;
  readonly #delegated = new Map<string, string>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${portOf(server)}`;
  }

  /** @param service - its name in `config.service`, for which tokens are delegated */
  static async start(
    gafaelfawr: GafaelfawrStandIn,
    target: string,
    service: string
  ): Promise<IngressStandIn> {
    const ingress = new IngressStandIn(await listening(createServer()));
    ingress.#server.on('request', (request, response) =>
      ingress.#pass(gafaelfawr, new URL(target), service, request, response)
    );
    return ingress;
  }

  async close(): Promise<void> {
    await closed(this.#server);
  }

  #pass(
    gafaelfawr: GafaelfawrStandIn,
    target: URL,
    service: string,
    request: IncomingMessage,
    response: ServerResponse
  ): void {
    const text = bearer(request.headers);
    const found = text === undefined ? undefined : gafaelfawr.find(text);
    if (text === undefined || !found) {
      const problem = text === undefined ? undefined : 'invalid_token';
      refuse(
        response,
        401,
        problem ?? 'no_authorization',
        'Authentication required',
        challenge(problem)
      );
      return;
    }
    if (this.unscoped.has(found.user.username)) {
      refuse(response, 403, 'insufficient_scope', 'Token missing required scope', {
        'www-authenticate':
          'Bearer realm="127.0.0.1", error="insufficient_scope", error_description="Token missing required scope", scope="read:image"'
      });
      return;
    }
    if (Date.now() < this.limitedUntil) {
      refuse(response, 429, 'rate_limited', 'Rate limit (100/minute) exceeded', {
        'retry-after': new Date(this.limitedUntil).toUTCString()
      });
      return;
    }
    let delegated = this.#delegated.get(text);
    if (delegated === undefined || !gafaelfawr.find(delegated)) {
      delegated = gafaelfawr.issue({
        username: found.user.username,
        token_type: 'internal',
        service
      });
      this.#delegated.set(text, delegated);
    }
    const kept = Object.entries(request.headers).filter(
      ([name]) =>
        !name.startsWith('x-auth-request-') && name !== 'authorization' && name !== 'cookie'
    );
    const onward = httpRequest(
      new URL(request.url ?? '/', target),
      {
        method: request.method,
        headers: {
          ...Object.fromEntries(kept),
          'x-auth-request-user': found.user.username,
          ...(found.user.email !== undefined && { 'x-auth-request-email': found.user.email }),
          // Only a token that was itself delegated to a service names one.
          ...(found.token.service !== undefined && {
            'x-auth-request-service': found.token.service
          }),
          'x-auth-request-token': delegated,
          'x-forwarded-proto': 'https'
        }
      },
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    );
    onward.on('error', () => refuse(response, 502, 'bad_gateway', 'The service does not answer.'));
    request.pipe(onward);
  }
}

function bearer(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function challenge(problem: 'invalid_token' | undefined): Record<string, string> {
  const error = problem ? `, error="${problem}", error_description="Token is not valid"` : '';
  return { 'www-authenticate': `Bearer realm="127.0.0.1"${error}` };
}

function refuse(
  response: ServerResponse,
  status: number,
  type: string,
  msg: string,
  headers: Record<string, string> = {}
): void {
  json(response, status, { detail: [{ msg, type }] }, headers);
}

/** 22 characters of base64url, as each half of a token. */
function key(): string {
  return randomBytes(16).toString('base64url');
}
