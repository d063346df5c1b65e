/**
 * What a PI is told of an export, each once for each try of it. A row is written in the transaction of the state that
 * it tells of, so that neither exists without the other; `sender.ts` sends it.
 */
import { sql, type Selectable } from 'kysely';
import type { Connection } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import type { ExportRow } from '../exports/store.ts';
import type { TransitionName } from '../exports/transitions.ts';
import { isBot } from '../identity/identity.ts';

export const NOTIFICATION_EVENTS = [
  'held',
  'rejected',
  'failed',
  'published',
  'removable'
] as const;
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];
export type NotificationRow = Selectable<Tables['notifications']>;

/** Rule 7: an export is complete once every published file was read back and compared, and only then may files go. */
const TOLD: { readonly [Name in TransitionName]?: readonly NotificationEvent[] } = {
  hold: ['held'],
  reject: ['rejected'],
  fail: ['failed'],
  complete: ['published', 'removable']
};

/** Two hours between the tries of a message that nobody takes. */
const LONGEST_WAIT_SECONDS = 7200;
/** So often tried, a message no longer holds up the later ones of its export. */
const TRIES_IN_ORDER = 5;

/** Puts into the outbox what there is to tell of a transition. A bot reads no messages. */
export async function notify(
  trx: Connection,
  transition: TransitionName,
  { id, attempt, owner, reason_msg }: ExportRow
): Promise<void> {
  const events = TOLD[transition] ?? [];
  if (events.length === 0 || isBot(owner)) {
    return;
  }
  const detail = transition === 'complete' ? await countWords(trx, id) : reason_msg;
  await trx
    .insertInto('notifications')
    .values(events.map(event => ({ export_id: id, attempt, event, recipient: owner, detail })))
    .onConflict(conflict => conflict.doNothing())
    .execute();
}

async function countWords(db: Connection, exportId: string): Promise<string> {
  const { total, published } = await db
    .selectFrom('items')
    .where('export_id', '=', exportId)
    .select(({ fn }) => [
      fn.countAll<number>().as('total'),
      fn.countAll<number>().filterWhere('state', '=', 'PUBLISHED').as('published')
    ])
    .executeTakeFirstOrThrow();
  return total === published
    ? `All ${total} items are published.`
    : `${published} items are published, and ${total - published} left out; the panel says why.`;
}

export interface NotificationFilter {
  readonly recipient: string;
  /** Only those of a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What somebody was told, newest first, sent or not, each with what its words need of its export. */
export async function notificationsPage(
  db: Connection,
  { recipient, before, limit }: NotificationFilter
) {
  let query = db
    .selectFrom('notifications')
    .innerJoin('exports', 'exports.id', 'notifications.export_id')
    .selectAll('notifications')
    .select(['exports.subject_set', 'exports.public_prefix'])
    .where('recipient', '=', recipient)
    .orderBy('notifications.id', 'desc')
    .limit(limit);
  if (before !== undefined) {
    query = query.where('notifications.id', '<', before);
  }
  return query.execute();
}

/**
 * Takes the oldest message that is due, and says that it is being tried: if this process dies now, the next one knows.
 * Those of an export go in their order, unless Semaphore does not take one of them at all.
 *
 * @returns it as it was before this try; `undefined` where none is due
 */
export async function takeDue(
  db: Connection,
  retrySeconds: number
): Promise<NotificationRow | undefined> {
  const due = await db
    .selectFrom('notifications as due')
    .selectAll()
    .where('sent', 'is', null)
    .where('next_try', '<=', sql<Date>`now()`)
    .where(where =>
      where.not(
        where.exists(
          where
            .selectFrom('notifications as earlier')
            .whereRef('earlier.export_id', '=', 'due.export_id')
            .whereRef('earlier.id', '<', 'due.id')
            .where('earlier.sent', 'is', null)
            .where('earlier.tries', '<', TRIES_IN_ORDER)
        )
      )
    )
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (due) {
    const wait = Math.min(retrySeconds * 2 ** due.tries, LONGEST_WAIT_SECONDS);
    await db
      .updateTable('notifications')
      .set({
        tries: due.tries + 1,
        next_try: sql<Date>`now() + make_interval(secs => ${wait})`
      })
      .where('id', '=', due.id)
      .execute();
  }
  return due;
}

export async function markSent(db: Connection, id: number, semaphoreId: string): Promise<void> {
  await db
    .updateTable('notifications')
    .set({ sent: new Date(), semaphore_id: semaphoreId })
    .where('id', '=', id)
    .execute();
}
