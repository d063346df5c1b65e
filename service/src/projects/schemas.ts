import { Type, type Static } from 'typebox';
import { Line, Nullable, OneOf, Strict, Time, Uuid } from '../http/schemas.ts';

export const PROJECT_STATUSES = ['pending', 'approved', 'blocked'] as const;

export const Project = Strict(
  {
    id: Uuid('The project.'),
    name: Type.String(),
    owner: Type.String({ description: 'The PI, by RSP username.' }),
    members: Type.Array(Type.String(), {
      description: 'Co-investigators, by RSP username, the owner not among them.'
    }),
    zooniverse_project: Nullable(
      Type.String({ description: 'The Zooniverse project, `owner/slug` or its number.' })
    ),
    contact: Nullable(Type.String({ description: 'Where EPO reaches the team.' })),
    status: OneOf(PROJECT_STATUSES, 'Whether EPO has approved the project.'),
    object_limit: Type.Integer({
      description: 'The most items that one export of this project may have.'
    }),
    created: Time('When it was made.')
  },
  { title: 'Project', description: 'A citizen-science project; every export belongs to one.' }
);
export type Project = Static<typeof Project>;

export const ProjectCreate = Strict(
  {
    name: Line('A name that the team recognises.', 100),
    members: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$' }), {
        maxItems: 50,
        uniqueItems: true,
        description: 'Co-investigators, by RSP username.'
      })
    ),
    zooniverse_project: Type.Optional(
      Line('The Zooniverse project, `owner/slug` or its number.', 200)
    ),
    contact: Type.Optional(Line('Where EPO reaches the team, such as an e-mail address.', 200))
  },
  { title: 'ProjectCreate' }
);
export type ProjectCreate = Static<typeof ProjectCreate>;

export const ProjectList = Strict({ projects: Type.Array(Project) });
