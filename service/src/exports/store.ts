import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import { record, type AuditEvent } from '../audit/audit.ts';
import type { Connection } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import type { Pick } from '../grants/ownership.ts';
import { notify } from '../notifications/outbox.ts';
import {
  isAllowed,
  statesBefore,
  TRANSITIONS,
  type ExportState,
  type ItemState,
  type TransitionName
} from './transitions.ts';

export type ExportRow = Selectable<Tables['exports']>;
export type ItemRow = Selectable<Tables['items']>;

export async function insertExport(
  db: Connection,
  row: Insertable<Tables['exports']>,
  picks: readonly Pick[]
): Promise<void> {
  await db.insertInto('exports').values(row).execute();
  await db
    .insertInto('export_collections')
    .values(picks.map(({ name, kind }, position) => ({ export_id: row.id, position, name, kind })))
    .execute();
}

export async function exportById(db: Connection, id: string): Promise<ExportRow | undefined> {
  return db.selectFrom('exports').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The same, and nobody else moves it until the transaction ends. */
export async function lockExport(trx: Connection, id: string): Promise<ExportRow | undefined> {
  return trx.selectFrom('exports').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

export async function exportByKey(
  db: Connection,
  owner: string,
  key: string
): Promise<ExportRow | undefined> {
  return db
    .selectFrom('exports')
    .selectAll()
    .where('owner', '=', owner)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
}

export async function picksOf(
  db: Connection,
  exportIds: readonly string[]
): Promise<Map<string, Pick[]>> {
  const picks = new Map<string, Pick[]>(exportIds.map(id => [id, []]));
  if (exportIds.length > 0) {
    const rows = await db
      .selectFrom('export_collections')
      .selectAll()
      .where('export_id', 'in', [...exportIds])
      .orderBy('position')
      .execute();
    for (const { export_id, name, kind } of rows) {
      picks.get(export_id)?.push({ name, kind });
    }
  }
  return picks;
}

type Who = Omit<AuditEvent, 'action' | 'exportId' | 'subject'>;

/**
 * The only way by which an export changes its state: as the table allows, with an event in the audit trail and what
 * there is to tell the PI in the outbox.
 *
 * @returns the export after it, or `undefined` where it is not in a state out of which the transition leads
 */
export async function move(
  trx: Connection,
  id: string,
  transition: TransitionName,
  who: Who,
  set: Updateable<Tables['exports']> = {}
): Promise<ExportRow | undefined> {
  const from = statesBefore(transition).filter(state =>
    isAllowed(state, transition, who.actorKind)
  );
  if (from.length === 0) {
    throw new Error(`${who.actorKind} may never ${transition} an export`);
  }
  const row = await trx
    .updateTable('exports')
    .set({ ...set, state: TRANSITIONS[transition].to, updated: new Date() })
    .where('id', '=', id)
    .where('state', 'in', from)
    .returningAll()
    .executeTakeFirst();
  if (row) {
    await record(trx, { ...who, action: transition, exportId: id });
    await notify(trx, transition, row);
  }
  return row;
}

/**
 * Moves the items of an export that are in one state, in the transaction that moves the export.
 *
 * @returns how many they were
 */
export async function moveItems(
  trx: Connection,
  id: string,
  from: ItemState,
  set: Updateable<Tables['items']> & { readonly state: ItemState }
): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('items')
    .set(set)
    .where('export_id', '=', id)
    .where('state', '=', from)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Tells the watchdog, and the PI, that the export still moves. */
export async function touch(db: Connection, id: string): Promise<void> {
  await db.updateTable('exports').set({ updated: new Date() }).where('id', '=', id).execute();
}

export type ItemCounts = Record<ItemState, number>;

/** Items by state, of many exports at once. */
export async function countItems(
  db: Connection,
  exportIds: readonly string[]
): Promise<Map<string, ItemCounts>> {
  const counts = new Map<string, ItemCounts>(exportIds.map(id => [id, noItems()]));
  if (exportIds.length > 0) {
    const rows = await db
      .selectFrom('items')
      .where('export_id', 'in', [...exportIds])
      .groupBy(['export_id', 'state'])
      .select(({ fn }) => ['export_id', 'state', fn.countAll<number>().as('count')])
      .execute();
    for (const { export_id, state, count } of rows) {
      const entry = counts.get(export_id);
      if (entry) {
        entry[state] = count;
      }
    }
  }
  return counts;
}

export function noItems(): ItemCounts {
  return { LISTED: 0, CHECKED: 0, HELD: 0, REFUSED: 0, PUBLISHED: 0, WITHDRAWN: 0, MISSING: 0 };
}

/** Refused and missing items by reason, the commonest first; one message stands for all of a type. */
export async function countReasons(db: Connection, exportIds: readonly string[]) {
  if (exportIds.length === 0) {
    return [];
  }
  return db
    .selectFrom('items')
    .where('export_id', 'in', [...exportIds])
    .where('state', 'in', ['REFUSED', 'MISSING'])
    .groupBy(['export_id', 'reason_type'])
    .select(({ fn }) => [
      'export_id',
      'reason_type',
      fn.min('reason_msg').as('reason_msg'),
      fn.countAll<number>().as('count')
    ])
    .orderBy('count', 'desc')
    .orderBy('reason_type')
    .execute();
}

export interface ExportFilter {
  readonly username: string;
  readonly projectId?: string | undefined;
  readonly state?: ExportState | undefined;
  readonly before?: { readonly created: Date; readonly id: string } | undefined;
  readonly limit: number;
}

/** Exports of the projects that `username` is on, newest first. */
export async function exportsPage(db: Connection, filter: ExportFilter): Promise<ExportRow[]> {
  let query = db
    .selectFrom('exports')
    .selectAll('exports')
    .innerJoin('projects', 'projects.id', 'exports.project_id')
    .where(where =>
      where.or([
        where('projects.owner', '=', filter.username),
        where(
          'projects.id',
          'in',
          where
            .selectFrom('project_members')
            .select('project_id')
            .where('username', '=', filter.username)
        )
      ])
    )
    .orderBy('exports.created', 'desc')
    .orderBy('exports.id', 'desc')
    .limit(filter.limit);
  if (filter.projectId !== undefined) {
    query = query.where('exports.project_id', '=', filter.projectId);
  }
  if (filter.state !== undefined) {
    query = query.where('exports.state', '=', filter.state);
  }
  if (filter.before) {
    // Cut to milliseconds on both sides: JavaScript's dates know no more.
    query = query.where(
      sql<boolean>`(date_trunc('milliseconds', exports.created), exports.id) < (${filter.before.created}, ${filter.before.id}::uuid)`
    );
  }
  return query.execute();
}

/** Items in their order, after number `after`. */
export async function itemsPage(
  db: Connection,
  exportId: string,
  { state, after, limit }: { state?: ItemState | undefined; after: number; limit: number }
): Promise<ItemRow[]> {
  let query = db
    .selectFrom('items')
    .selectAll()
    .where('export_id', '=', exportId)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit);
  if (state !== undefined) {
    query = query.where('state', '=', state);
  }
  return query.execute();
}
