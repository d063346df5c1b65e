import type { Insertable, Selectable } from 'kysely';
import type { Connection } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import type { Identity } from '../identity/identity.ts';

export type GrantRow = Selectable<Tables['grants']>;

/** The grants of `identity`'s own collections and of its groups', newest first. */
export async function grantsFor(
  db: Connection,
  identity: Identity,
  id?: string
): Promise<GrantRow[]> {
  let query = db
    .selectFrom('grants')
    .selectAll()
    .where(where =>
      where.or([
        where.and([where('owner_kind', '=', 'user'), where('owner', '=', identity.username)]),
        where.and([
          where('owner_kind', '=', 'group'),
          where('owner', 'in', ['', ...identity.groups])
        ])
      ])
    )
    .orderBy('created', 'desc')
    .orderBy('id');
  if (id !== undefined) {
    query = query.where('id', '=', id);
  }
  return query.execute();
}

/** Inserts a grant, or moves the end of the caller's own one of the same thing. */
export async function upsertGrant(
  db: Connection,
  grant: Insertable<Tables['grants']>
): Promise<GrantRow> {
  return db
    .insertInto('grants')
    .values(grant)
    .onConflict(conflict =>
      conflict
        .columns(['repository', 'collection', 'kind', 'granted_by'])
        .where('revoked', 'is', null)
        .doUpdateSet({ expires: grant.expires, granted_by_uid: grant.granted_by_uid })
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** @returns the grant, or `undefined` where it was revoked before: a second revocation changes nothing */
export async function revokeGrant(db: Connection, id: string): Promise<GrantRow | undefined> {
  return db
    .updateTable('grants')
    .set({ revoked: new Date() })
    .where('id', '=', id)
    .where('revoked', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** The grants of a repository that are live at this moment by the database's clock. */
export async function liveGrants(
  db: Connection,
  repository: string,
  owner: { kind: string; name: string }
): Promise<GrantRow[]> {
  return db
    .selectFrom('grants')
    .selectAll()
    .where('repository', '=', repository)
    .where('owner_kind', '=', owner.kind === 'user' ? 'user' : 'group')
    .where('owner', '=', owner.name)
    .where('revoked', 'is', null)
    .where('expires', '>', where => where.fn<Date>('now'))
    .execute();
}
