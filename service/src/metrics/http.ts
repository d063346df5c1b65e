/** How long the API's answers take. */
import type { FastifyInstance } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

/** Measures every request of `app`, by its route's pattern: a path has an id in it, and labels must stay few. */
export function measureHttp(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'epo_export_http_request_duration_seconds',
    help: 'How long the API took to answer, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry]
  });
  app.addHook('onResponse', async (request, reply) => {
    durations.observe(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: String(reply.statusCode)
      },
      reply.elapsedTime / 1000
    );
  });
}
