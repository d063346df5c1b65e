/**
 * A chunk that was being collected while its export ended. The job that clears an export away may have run before the
 * chunk wrote its files, so the chunk clears up behind itself: nothing is kept of which no ledger tells.
 */
import { lockExport } from '../exports/store.ts';
import type { Jobs } from '../jobs/queues.ts';
import type { PipelineParts } from './parts.ts';

/** Deletes what a late chunk has written and the ledger does not have. Where the export goes on, all stays. */
export async function clearLateChunk(
  { db, quarantine }: Pick<PipelineParts, 'db' | 'quarantine'>,
  { export_id: id, chunk }: Jobs['collect']
): Promise<void> {
  // Under the export's lock, so that no retry begins to write the same files meanwhile.
  await db.transaction().execute(async trx => {
    const exported = await lockExport(trx, id);
    switch (exported?.state) {
      case 'CANCELLED':
      case 'REJECTED':
      case 'EXPIRED':
      case 'WITHDRAWN':
        await quarantine.discard(exported.quarantine_prefix);
        break;
      case 'FAILED': {
        // It can be retried: what other chunks have in the ledger stays.
        const unknown = await trx
          .selectFrom('items')
          .select('dataset_id')
          .where('export_id', '=', id)
          .where('chunk', '=', chunk)
          .where('state', '=', 'LISTED')
          .execute();
        await quarantine.remove(
          exported.quarantine_prefix,
          unknown.map(item => item.dataset_id)
        );
        break;
      }
      default: // it goes on, and its files are in use
    }
  });
}
