import type { Api } from '../http/routes.ts';
import { commonErrors } from '../http/schemas.ts';
import { Me } from '../identity/schemas.ts';
import type { Settings } from '../config.ts';
import { RepositoryList } from './schemas.ts';

/** What a client asks first: who it is here, and from where it can export. */
export function repositoryRoutes(
  api: Api,
  settings: Pick<Settings, 'repositories' | 'grantee'>
): void {
  api.get(
    '/me',
    {
      schema: {
        operationId: 'getMe',
        summary: 'Who you are to the service',
        tags: ['pi'],
        response: { 200: Me, ...commonErrors }
      }
    },
    async ({ identity }) => ({
      username: identity.username,
      groups: [...identity.groups],
      roles: [...identity.roles],
      grantee: settings.grantee
    })
  );

  api.get(
    '/repositories',
    {
      schema: {
        operationId: 'listRepositories',
        summary: 'The Butler repositories that EPO can export from',
        tags: ['pi'],
        response: { 200: RepositoryList, ...commonErrors }
      }
    },
    async () => ({ repositories: settings.repositories.map(({ label, uri }) => ({ label, uri })) })
  );
}
