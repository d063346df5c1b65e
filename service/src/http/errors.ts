/**
 * What a caller can get wrong, and how it is told. Each kind has its code and its HTTP status here, once; the
 * message is written where the mistake is found, because only that place knows the user's word for the thing.
 */
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export const CLIENT_ERRORS = {
  bad_request: 400,
  not_authenticated: 401,
  identity_mismatch: 403,
  person_required: 403,
  uid_missing: 403,
  cross_site: 403,
  not_yours: 403,
  grant_missing: 403,
  not_found: 404,
  collection_not_found: 404,
  repository_unknown: 404,
  wrong_state: 409,
  project_blocked: 409,
  too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
  collection_empty: 422,
  dataset_type_not_found: 422,
  project_limit_exceeded: 422,
  idempotency_key_reused: 422,
  rate_limited: 429,
  identity_unavailable: 503,
  repository_unavailable: 503
} as const;

export type ClientErrorType = keyof typeof CLIENT_ERRORS;

/** A mistake of the caller's, or a state of things that the caller must know of. Never a bug of ours. */
export class ClientError extends Error {
  readonly type: ClientErrorType;
  readonly loc: readonly string[] | undefined;
  /** What the answer carries besides: a challenge, a time to wait for. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    type: ClientErrorType,
    msg: string,
    loc?: readonly string[],
    headers: Readonly<Record<string, string>> = {}
  ) {
    super(msg);
    this.type = type;
    this.loc = loc;
    this.headers = headers;
  }

  get status(): number {
    return CLIENT_ERRORS[this.type];
  }
}

/** Makes every error leave `app` in the platform's form, and only our own bugs be logged as errors. */
export function installErrorForm(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ClientError, request, reply) => {
    if (error instanceof ClientError) {
      return reply
        .code(error.status)
        .headers(error.headers)
        .send(body(error.type, error.message, error.loc));
    }
    if (error.validation) {
      const detail = error.validation.map(problem => ({
        msg: `${error.validationContext ?? 'request'}${problem.instancePath} ${problem.message ?? 'is not valid'}.`,
        type: 'invalid',
        loc: [
          error.validationContext ?? 'request',
          ...problem.instancePath.split('/').filter(Boolean)
        ]
      }));
      return reply.code(422).send({ detail });
    }
    const status = error.statusCode ?? 500;
    if (status < 500) {
      return reply.code(status).send(body(frameworkType(status), `${error.message}.`));
    }
    request.log.error({ err: error }, 'request failed');
    return reply
      .code(500)
      .send(
        body(
          'internal',
          'The export service failed at this request; nothing was changed. Try again, and tell EPO if it stays.'
        )
      );
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(
        body('not_found', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`)
      )
  );
}

/** For what the router refuses before it finds a route: a path that is no text, or far too long. */
export function answerFrameworkError(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply
): void {
  const status = error.statusCode ?? 400;
  void reply
    .code(status)
    .send(body(frameworkType(status), 'The path of this request is no path of the service.'));
}

/** For bytes that are no HTTP request, or one whose headers are too large: there is nothing to reply to but the socket. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const text = JSON.stringify(
      body('bad_request', 'This is not an HTTP request that can be read.')
    );
    socket.write(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`
    );
  }
  socket.destroySoon();
}

function body(type: string, msg: string, loc?: readonly string[]) {
  return { detail: [{ msg, type, ...(loc && { loc }) }] };
}

/** What Fastify itself refuses before a handler runs: malformed JSON, wrong type, too large. */
function frameworkType(status: number): ClientErrorType {
  switch (status) {
    case 413:
      return 'too_large';
    case 415:
      return 'unsupported_media_type';
    case 404:
      return 'not_found';
    default:
      return 'bad_request';
  }
}
