import { Type } from 'typebox';
import { OneOf, Strict } from '../http/schemas.ts';

export const ROLES = ['pi', 'reviewer', 'operator'] as const;

export const Me = Strict(
  {
    username: Type.String(),
    groups: Type.Array(Type.String()),
    roles: Type.Array(OneOf(ROLES, 'What this user may do here.')),
    grantee: Type.String({ description: 'The account to which read access is granted.' })
  },
  { title: 'Me', description: 'Who the service takes the caller for.' }
);
