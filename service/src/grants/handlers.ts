import type { Api } from '../http/routes.ts';
import { commonErrors, Strict, Uuid } from '../http/schemas.ts';
import type { GrantService } from './service.ts';
import { Grant, GrantCreate, GrantList } from './schemas.ts';

const tags = ['pi'];
const params = Strict({ grant_id: Uuid('The grant.') });

export function grantRoutes(api: Api, grants: GrantService): void {
  api.get(
    '/grants',
    {
      schema: {
        operationId: 'listGrants',
        summary: "The grants of your collections and of your groups'",
        tags,
        response: { 200: GrantList, ...commonErrors }
      }
    },
    async request => ({ grants: await grants.list(request.identity) })
  );

  api.post(
    '/grants',
    {
      schema: {
        operationId: 'createGrant',
        summary: 'Let EPO read a collection of yours',
        description:
          'Where a live grant of the same collection exists, it is renewed: its end moves to the new date.',
        tags,
        body: GrantCreate,
        response: { 201: Grant, ...commonErrors }
      }
    },
    async (request, reply) => {
      const grant = await grants.create(request.identity, request.body);
      return reply.code(201).header('location', `${api.prefix}/grants/${grant.id}`).send(grant);
    }
  );

  api.delete(
    '/grants/:grant_id',
    {
      schema: {
        operationId: 'revokeGrant',
        summary: 'Take a grant back',
        description:
          'Exports under way that need it stop, and what they hold in quarantine is deleted. What is public already stays so until it is withdrawn.',
        tags,
        params,
        response: { 200: Grant, ...commonErrors }
      }
    },
    async request => grants.revoke(request.identity, request.params.grant_id)
  );
}
