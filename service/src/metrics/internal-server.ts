/**
 * What the platform asks each process, on a port that no ingress leads to: `/metrics` (Prometheus), `/health/live`
 * and `/health/ready` (Kubernetes' probes).
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

export interface InternalParts {
  readonly registry: Registry;
  /** Brings figures up to date that are read only when somebody asks; must not fail. */
  readonly refresh?: () => Promise<void>;
  /** @returns why this process cannot do its work at the moment, or `undefined` if it can */
  readonly whyNotReady: () => Promise<string | undefined>;
  readonly logger: Logger;
}

/**
 * Liveness asks only whether this process answers: to restart it mends no database. Readiness takes it out of the
 * service while it could not help anybody.
 *
 * @returns a server that is not listening yet
 */
export function internalServer(parts: InternalParts): Server {
  return createServer((request, response) => {
    answer(parts, request.method ?? '', request.url ?? '', response).catch((error: unknown) => {
      parts.logger.error({ err: error, path: request.url }, 'an internal request failed');
      if (!response.headersSent) {
        send(response, 500, 'failed');
      }
    });
  });
}

async function answer(
  { registry, refresh, whyNotReady }: InternalParts,
  method: string,
  path: string,
  response: ServerResponse
): Promise<void> {
  if (method !== 'GET') {
    response.setHeader('allow', 'GET');
    send(response, 405, 'only GET');
    return;
  }
  switch (path) {
    case '/metrics':
      await refresh?.();
      send(response, 200, await registry.metrics(), registry.contentType);
      return;
    case '/health/live':
      send(response, 200, 'live');
      return;
    case '/health/ready': {
      const why = await whyNotReady();
      send(response, why === undefined ? 200 : 503, why ?? 'ready');
      return;
    }
    default:
      send(response, 404, 'only /metrics, /health/live and /health/ready');
  }
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  contentType = 'text/plain; charset=utf-8'
): void {
  response
    .writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
    .end(text.endsWith('\n') ? text : `${text}\n`);
}
