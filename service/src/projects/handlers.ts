import { Type } from 'typebox';
import type { Api } from '../http/routes.ts';
import { commonErrors, Strict, Uuid } from '../http/schemas.ts';
import type { ProjectService } from './service.ts';
import { Project, ProjectCreate, ProjectList } from './schemas.ts';

const tags = ['pi'];

export function projectRoutes(api: Api, projects: ProjectService): void {
  api.get(
    '/projects',
    {
      schema: {
        operationId: 'listProjects',
        summary: 'Your projects',
        tags,
        response: { 200: ProjectList, ...commonErrors }
      }
    },
    async request => ({ projects: await projects.list(request.identity) })
  );

  api.post(
    '/projects',
    {
      schema: {
        operationId: 'createProject',
        summary: 'Make a project',
        tags,
        body: ProjectCreate,
        response: { 201: Project, ...commonErrors }
      }
    },
    async (request, reply) => {
      const project = await projects.create(request.identity, request.body);
      return reply
        .code(201)
        .header('location', `${api.prefix}/projects/${project.id}`)
        .send(project);
    }
  );

  api.get(
    '/projects/:project_id',
    {
      schema: {
        operationId: 'getProject',
        summary: 'One project',
        tags,
        params: Strict({ project_id: Uuid('The project.') }),
        response: { 200: Project, ...commonErrors }
      }
    },
    async request => projects.get(request.identity, request.params.project_id)
  );

  api.get(
    '/projects/:project_id/collections',
    {
      schema: {
        operationId: 'listProjectCollections',
        summary: "The index of a project's collections, to poll or to batch",
        tags,
        params: Strict({ project_id: Uuid('The project.') }),
        response: {
          200: Strict({
            collections: Type.Array(
              Strict({
                repository: Type.String(),
                name: Type.String(),
                kind: Type.String(),
                exports: Type.Integer({ description: 'How many exports named it.' }),
                last_exported: Type.String({ format: 'date-time' })
              })
            )
          }),
          ...commonErrors
        }
      }
    },
    async request => ({
      collections: await projects.collections(request.identity, request.params.project_id)
    })
  );
}
