import { Type, type Static } from 'typebox';
import {
  COLLECTION_KINDS,
  CollectionName,
  Nullable,
  OneOf,
  RepositoryLabel,
  Strict,
  Time,
  Uuid
} from '../http/schemas.ts';

export const GRANT_STATES = ['live', 'expired', 'revoked'] as const;
export const ENFORCEMENTS = ['ledger', 'file_permissions'] as const;

/** The longest that a grant can last; after that the owner renews it. */
export const MAX_GRANT_DAYS = 365;

export const Grant = Strict(
  {
    id: Uuid('The grant.'),
    owner: Type.String({
      description: 'Who owns the collection: a username, or a group name for `g/…`.'
    }),
    granted_by: Type.String({ description: 'The user who gave it.' }),
    grantee: Type.String({ description: 'The account that may read, e.g. `bot-epo-export`.' }),
    repository: RepositoryLabel,
    collection: CollectionName,
    kind: OneOf(COLLECTION_KINDS, 'What `collection` names.'),
    enforcement: OneOf(
      ENFORCEMENTS,
      "What keeps EPO from reading without this grant: the service's own ledger, or file permissions too."
    ),
    state: OneOf(GRANT_STATES, 'Only a live grant lets anything be read.'),
    created: Time('When it was given.'),
    expires: Time('When it ends by itself.'),
    revoked: Nullable(Time('When it was taken back.'))
  },
  {
    title: 'Grant',
    description: 'Leave for the EPO service account to read one collection, given by its owner.'
  }
);
export type Grant = Static<typeof Grant>;

export const GrantCreate = Strict(
  {
    repository: RepositoryLabel,
    collection: CollectionName,
    kind: OneOf(COLLECTION_KINDS, 'What `collection` names.'),
    expires_in_days: Type.Integer({
      minimum: 1,
      maximum: MAX_GRANT_DAYS,
      description: 'How long it lasts, in days.'
    })
  },
  { title: 'GrantCreate' }
);
export type GrantCreate = Static<typeof GrantCreate>;

export const GrantList = Strict({ grants: Type.Array(Grant) });
