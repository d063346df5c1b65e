/** The HTTP face: one Fastify application, its document, and the routes of each room under `/epo-export/v1`. */
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { Type } from 'typebox';
import { exportRoutes } from '../exports/handlers.ts';
import type { ExportService } from '../exports/service.ts';
import { grantRoutes } from '../grants/handlers.ts';
import type { GrantService } from '../grants/service.ts';
import { requireIdentity, type IdentityProvider } from '../identity/identity.ts';
import { notificationRoutes } from '../notifications/handlers.ts';
import type { NotificationService } from '../notifications/service.ts';
import { projectRoutes } from '../projects/handlers.ts';
import type { ProjectService } from '../projects/service.ts';
import { measureHttp } from '../metrics/http.ts';
import { repositoryRoutes } from '../repositories/handlers.ts';
import type { Settings } from '../config.ts';
import { VERSION } from '../version.ts';
import {
  answerBrokenRequest,
  answerFrameworkError,
  ClientError,
  installErrorForm
} from './errors.ts';
import { installBrowserDefences } from './browsers.ts';
import { withComponents } from './openapi.ts';
import type { Api } from './routes.ts';
import { ErrorBody, Strict } from './schemas.ts';
import { installStrictBodies } from './strict-bodies.ts';

export interface ApiParts {
  readonly settings: Pick<Settings, 'repositories' | 'grantee'>;
  readonly identities: IdentityProvider;
  readonly projects: ProjectService;
  readonly grants: GrantService;
  readonly exports: ExportService;
  readonly notifications: NotificationService;
  /** @throws if the database does not answer */
  readonly ping: () => Promise<void>;
  /** Where the durations of requests are written. */
  readonly registry?: Registry;
}

/** A submission is a few kilobytes; nothing larger is read. */
const BODY_LIMIT = 256 * 1024;

const Health = Strict({
  name: Type.String(),
  version: Type.String(),
  description: Type.String(),
  repository_url: Type.String(),
  documentation_url: Type.String()
});

/** @returns the application, ready to listen or to be asked for its OpenAPI document */
export async function buildApi(parts: ApiParts, logger: FastifyBaseLogger): Promise<Api> {
  const app = fastify({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerBrokenRequest,
    ajv: {
      customOptions: {
        coerceTypes: 'array',
        removeAdditional: false,
        useDefaults: true,
        allErrors: false
      }
    }
  }).withTypeProvider<TypeBoxTypeProvider>();
  if (parts.registry) {
    measureHttp(app, parts.registry);
  }
  installErrorForm(app);
  installStrictBodies(app);
  app.removeContentTypeParser('text/plain');
  installBrowserDefences(app);
  await app.register(swagger, {
    transformObject: withComponents,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'EPO export service',
        version: VERSION,
        description:
          'Takes sets of cutouts from a Butler to a public URL with a Zooniverse manifest.'
      },
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An RSP token.' } }
      },
      tags: [
        { name: 'pi', description: 'What a PI does; a lab forwards these and nothing else.' },
        { name: 'health', description: 'For the platform.' }
      ]
    }
  });

  app.get(
    '/',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Whether the service works',
        tags: ['health'],
        response: { 200: Health, 503: ErrorBody }
      }
    },
    async () => {
      await parts.ping().catch(() => {
        throw new ClientError(
          'repository_unavailable',
          'The export service cannot reach its database at the moment.'
        );
      });
      return {
        name: 'epo-export',
        version: VERSION,
        description: 'The EPO export service',
        repository_url: 'https://github.com/lsst-sqre/rsp-epo-export',
        documentation_url: '/epo-export/openapi.json'
      };
    }
  );
  app.get('/epo-export/openapi.json', { schema: { hide: true } }, async () => app.swagger());

  await app.register(
    async (scope: FastifyInstance) => {
      const api = scope.withTypeProvider<TypeBoxTypeProvider>();
      scope.addHook('onRoute', route => {
        route.schema = { ...route.schema, security: [{ token: [] }] };
      });
      requireIdentity(scope, parts.identities);
      scope.addHook('onRequest', async (request, reply) => {
        request.log = reply.log = request.log.child({ user: request.identity.username });
      });
      repositoryRoutes(api, parts.settings);
      projectRoutes(api, parts.projects);
      grantRoutes(api, parts.grants);
      exportRoutes(api, parts.exports);
      notificationRoutes(api, parts.notifications);
    },
    { prefix: '/epo-export/v1' }
  );
  return app;
}
