/** How an export ends before its time: with a reason, and with nothing left behind that it should not leave. */
import { SYSTEM } from '../audit/audit.ts';
import type { Connection } from '../database/database.ts';
import { picksOf, move, type ExportRow } from '../exports/store.ts';
import type { Reason } from '../exports/schemas.ts';
import { coverage } from '../grants/service.ts';
import type { PipelineParts } from './parts.ts';

/** What the PI can mend, or EPO: the export fails with it, and can be retried. */
export class StopExport extends Error {
  readonly reason: Reason;
  /** Whether what was retrieved must go: where leave to read it has ended. */
  readonly discard: boolean;

  constructor(type: string, msg: string, { discard = false } = {}) {
    super(msg);
    this.reason = { type, msg };
    this.discard = discard;
  }
}

/**
 * Rule 2: nothing is read without a live grant of its owner.
 *
 * @returns the uids of those who granted
 * @throws StopExport `grant_ended`
 */
export async function requireGrants(db: Connection, exported: ExportRow): Promise<number[]> {
  const picks = (await picksOf(db, [exported.id])).get(exported.id) ?? [];
  const covered = await coverage(db, exported.repository, picks);
  if (!covered.ok) {
    throw new StopExport(
      'grant_ended',
      `Read access to ${covered.missing.name} was revoked or has ended, so the export stopped and what had been retrieved was deleted. Grant access again and retry.`,
      { discard: true }
    );
  }
  return [...covered.uids];
}

/** Fails an export for `stop`; an export that has ended otherwise meanwhile stays as it is. */
export async function failExport(
  { db, jobs }: Pick<PipelineParts, 'db' | 'jobs'>,
  id: string,
  { reason, discard }: StopExport
): Promise<void> {
  await db.transaction().execute(async trx => {
    const row = await move(
      trx,
      id,
      'fail',
      { ...SYSTEM, why: reason.msg },
      { reason_type: reason.type, reason_msg: reason.msg }
    );
    if (row && discard) {
      await forgetCollected(trx, id);
      await jobs.send(trx, 'discard', [{ export_id: id, attempt: row.attempt }]);
    }
  });
}

/** Puts every item back to where it was before anything was retrieved. */
async function forgetCollected(trx: Connection, id: string): Promise<void> {
  await trx
    .updateTable('items')
    .set({ state: 'LISTED', public_name: null })
    .where('export_id', '=', id)
    .where('state', 'in', ['CHECKED', 'HELD', 'PUBLISHED'])
    .execute();
  await trx
    .updateTable('chunks')
    .set({ collected: null, published: null })
    .where('export_id', '=', id)
    .execute();
}
