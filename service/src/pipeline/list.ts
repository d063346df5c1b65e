/** Step 1: which datasets. All of them are in the ledger at once, or none. */
import { sql } from 'kysely';
import { digestOf, record, SYSTEM } from '../audit/audit.ts';
import { BridgeError } from '../bridge/client.ts';
import type { Connection } from '../database/database.ts';
import {
  countItems,
  exportById,
  move,
  noItems,
  picksOf,
  type ExportRow
} from '../exports/store.ts';
import type { Jobs } from '../jobs/queues.ts';
import { failpoint } from './failpoint.ts';
import type { PipelineParts } from './parts.ts';
import { ownRuns } from './runs.ts';
import type { SourceItem, SourceRun } from './source.ts';
import { requireGrants, StopExport } from './stop.ts';

export async function list(
  parts: PipelineParts,
  { export_id: id, attempt }: Jobs['list']
): Promise<void> {
  const { db, jobs } = parts;
  const exported = await exportById(db, id);
  if (exported?.state !== 'SUBMITTED' || exported.attempt !== attempt) {
    return;
  }
  await requireGrants(db, exported);
  const isListed =
    (await db.selectFrom('chunks').select('chunk').where('export_id', '=', id).limit(1).execute())
      .length > 0;
  const runs = isListed ? [] : await parts.clock.measure('list', () => listRuns(parts, exported));
  const items = runs.flatMap(run => run.items);

  await db.transaction().execute(async trx => {
    const row = await move(trx, id, 'collect', SYSTEM);
    if (!row) {
      return; // cancelled meanwhile
    }
    if (isListed) {
      await takeBack(parts, trx, row);
      await forgetFailures(trx, id);
    } else {
      await insertItems(trx, id, runs, items, parts.settings.chunk_size);
      await record(trx, {
        ...SYSTEM,
        action: 'list',
        exportId: id,
        detail: { items: items.length },
        itemsDigest: digestOf(items.map(item => [item.id, item.run]))
      });
    }
    const waiting = await trx
      .selectFrom('chunks')
      .select('chunk')
      .where('export_id', '=', id)
      .where('collected', 'is', null)
      .orderBy('chunk')
      .execute();
    if (waiting.length > 0) {
      await jobs.send(
        trx,
        'collect',
        waiting.map(({ chunk }) => ({ export_id: id, attempt, chunk }))
      );
    } else {
      await jobs.send(trx, 'decide', [{ export_id: id, attempt }]);
    }
    failpoint('list.before_commit');
  });
  failpoint('list.committed');
}

async function listRuns(
  { db, source, settings }: PipelineParts,
  exported: ExportRow
): Promise<SourceRun[]> {
  const picks = (await picksOf(db, [exported.id])).get(exported.id) ?? [];
  const runs = new Map<string, SourceRun>();
  try {
    for (const pick of picks) {
      for (const run of ownRuns(pick, await source.runs(exported.repository, pick)).runs) {
        const hasType = run.dataset_types.some(
          type => type.name === exported.dataset_type && type.count > 0
        );
        if (hasType && !runs.has(run.name)) {
          runs.set(
            run.name,
            await source.items(
              exported.repository,
              run,
              exported.dataset_type,
              exported.metadata_columns.length > 0
            )
          );
        }
      }
    }
  } catch (error) {
    if (
      error instanceof BridgeError &&
      (error.type === 'collection_not_found' || error.type === 'dataset_type_not_found')
    ) {
      throw new StopExport(
        'collection_vanished',
        `${error.message} It was there when the export was submitted. Nothing was published; put it back and retry, or cancel.`
      );
    }
    throw error;
  }
  const count = [...runs.values()].reduce((sum, run) => sum + run.items.length, 0);
  if (count === 0) {
    throw new StopExport(
      'collection_empty',
      'The chosen collections no longer hold any dataset of this type. Nothing was published.'
    );
  }
  if (count > settings.project_object_limit) {
    throw new StopExport(
      'project_limit_exceeded',
      `The collections have grown to ${count} items since the export was submitted, and one export may have ${settings.project_object_limit}. Nothing was published; submit fewer collections.`
    );
  }
  return [...runs.values()];
}

async function insertItems(
  trx: Connection,
  id: string,
  runs: readonly SourceRun[],
  items: readonly SourceItem[],
  chunkSize: number
): Promise<void> {
  await trx
    .insertInto('export_runs')
    .values(
      runs.map(({ run, directories }) => ({ export_id: id, run, directories: [...directories] }))
    )
    .execute();
  // Whole columns as arrays: one statement for 10,000 rows, and no limit on parameters.
  await sql`
    INSERT INTO items (export_id, number, chunk, dataset_id, run, data_id, source_kind, uri, metadata_uri, state)
    SELECT ${id}::uuid, n, (n - 1) / ${chunkSize}::int, dataset_id, run, data_id, source_kind, uri, metadata_uri, 'LISTED'
    FROM unnest(
      ${items.map(item => item.id)}::uuid[],
      ${items.map(item => item.run)}::text[],
      ${items.map(item => JSON.stringify(item.data_id))}::jsonb[],
      ${items.map(item => item.kind)}::text[],
      ${items.map(item => item.uri)}::text[],
      ${items.map(item => item.metadataUri)}::text[]
    ) WITH ORDINALITY AS listed (dataset_id, run, data_id, source_kind, uri, metadata_uri, n)`.execute(
    trx
  );
  await sql`INSERT INTO chunks (export_id, chunk) SELECT DISTINCT export_id, chunk FROM items WHERE export_id = ${id}::uuid`.execute(
    trx
  );
}

/**
 * Deletes what an earlier try left and its ledger no longer has: where that try had to give everything back, the retry
 * may have come before the job that does it. Nobody else works on the export until the transaction ends.
 */
async function takeBack(
  { quarantine, publicStore }: PipelineParts,
  trx: Connection,
  exported: ExportRow
): Promise<void> {
  const counts = (await countItems(trx, [exported.id])).get(exported.id) ?? noItems();
  if (counts.PUBLISHED === 0) {
    await publicStore.discard(exported.public_prefix);
    if (counts.CHECKED + counts.HELD === 0) {
      await quarantine.discard(exported.quarantine_prefix);
    }
  }
}

/** A retry looks again at what was refused or missing, unless some of the export is public already. */
async function forgetFailures(trx: Connection, id: string): Promise<void> {
  const published = await trx
    .selectFrom('items')
    .select('number')
    .where('export_id', '=', id)
    .where('state', '=', 'PUBLISHED')
    .limit(1)
    .execute();
  if (published.length > 0) {
    return;
  }
  const again = await trx
    .updateTable('items')
    .set({ state: 'LISTED', reason_type: null, reason_msg: null })
    .where('export_id', '=', id)
    .where('state', 'in', ['REFUSED', 'MISSING'])
    .returning('chunk')
    .execute();
  if (again.length > 0) {
    await trx
      .updateTable('chunks')
      .set({ collected: null })
      .where('export_id', '=', id)
      .where('chunk', 'in', [...new Set(again.map(item => item.chunk))])
      .execute();
  }
}
