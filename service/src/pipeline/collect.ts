/** Step 2: retrieve, check and quarantine one chunk. Durable first, then the ledger says so. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { digestOf, record, SYSTEM } from '../audit/audit.ts';
import { BridgeError } from '../bridge/client.ts';
import type { Connection } from '../database/database.ts';
import { exportById, lockExport, touch, type ExportRow, type ItemRow } from '../exports/store.ts';
import { DEFAULT_LIMITS } from '../images/limits.ts';
import { REASONS } from '../images/reasons.ts';
import type { Jobs } from '../jobs/queues.ts';
import type { Settled } from '../pool/work-pool.ts';
import { keyedNames } from '../public/urls.ts';
import type { ExamineOutcome, ExamineTask } from './examine.ts';
import { failpoint } from './failpoint.ts';
import { clearLateChunk } from './late.ts';
import type { PipelineParts } from './parts.ts';
import { artifactReason, type ArtifactReasonType } from './reasons.ts';
import type { Source } from './source.ts';
import { requireGrants } from './stop.ts';

export async function collect(
  parts: PipelineParts,
  job: Jobs['collect'],
  signal: AbortSignal
): Promise<void> {
  const { db, jobs, quarantine } = parts;
  const exported = await exportById(db, job.export_id);
  if (exported?.state !== 'COLLECTING' || exported.attempt !== job.attempt) {
    await clearLateChunk(parts, job); // of a worker that died after it had written
    return;
  }
  const uids = await requireGrants(db, exported);
  const items = await db
    .selectFrom('items')
    .selectAll()
    .where('export_id', '=', exported.id)
    .where('chunk', '=', job.chunk)
    .where('state', '=', 'LISTED')
    .orderBy('number')
    .execute();
  await quarantine.prepare(exported.quarantine_prefix);
  const outcomes = await examineAll(parts, exported, items, uids, signal);
  failpoint('collect.written');
  await parts.clock.measure('sync', () => quarantine.sync());
  failpoint('collect.synced');

  const found = await parts.clock.measure('ledger', () =>
    db.transaction().execute(async trx => {
      const current = await lockExport(trx, exported.id);
      if (current?.state !== 'COLLECTING' || current.attempt !== job.attempt) {
        return 'late'; // cancelled or stopped meanwhile
      }
      const mine = await trx
        .updateTable('chunks')
        .set({ collected: new Date() })
        .where('export_id', '=', exported.id)
        .where('chunk', '=', job.chunk)
        .where('collected', 'is', null)
        .returning('chunk')
        .executeTakeFirst();
      if (!mine) {
        return 'repeated'; // done before, by a worker that died when it had
      }
      await writeLedger(trx, exported, items, outcomes);
      await record(trx, {
        ...SYSTEM,
        action: 'collect',
        exportId: exported.id,
        subject: `chunk ${job.chunk}`,
        detail: { items: items.length, uids },
        itemsDigest: digestOf(
          items.map((item, index) => [item.dataset_id, finding(outcomes[index])])
        )
      });
      await touch(trx, exported.id);
      const left = await trx
        .selectFrom('chunks')
        .select('chunk')
        .where('export_id', '=', exported.id)
        .where('collected', 'is', null)
        .limit(1)
        .execute();
      if (left.length === 0) {
        await jobs.send(trx, 'decide', [{ export_id: exported.id, attempt: job.attempt }]);
      }
      return 'written';
    })
  );
  if (found === 'late') {
    await clearLateChunk(parts, job);
    return;
  }
  if (found === 'written') {
    countFates(parts, outcomes);
  }
  failpoint('collect.committed');
}

/** @returns an outcome for each item, in their order */
async function examineAll(
  parts: PipelineParts,
  exported: ExportRow,
  items: readonly ItemRow[],
  uids: readonly number[],
  signal: AbortSignal
): Promise<ExamineOutcome[]> {
  const { db, pool, quarantine, clock, logger } = parts;
  const directories = await runDirectories(db, exported.id);
  const outcomes = new Array<ExamineOutcome>(items.length);
  const places: number[] = [];
  const tasks: ExamineTask[] = [];
  for (const [place, item] of items.entries()) {
    const located = await locate(parts, exported, item, uids);
    if (typeof located !== 'string') {
      outcomes[place] = located;
      continue;
    }
    places.push(place);
    tasks.push({
      uri: located,
      metadataUri: item.metadata_uri,
      metadataColumns: exported.metadata_columns,
      dataId: item.data_id,
      directories:
        item.source_kind === 'file' ? (directories.get(item.run) ?? []) : [`${quarantine.root}/`],
      uids: item.source_kind === 'file' ? [...uids] : [process.getuid?.() ?? 0],
      target: quarantine.pathOf(exported.quarantine_prefix, item.dataset_id)
    });
  }
  await pool.run(tasks, {
    signal,
    onOutcome: (index, settled) => {
      const outcome = settle(settled);
      outcomes[places[index] ?? -1] = outcome;
      if (outcome.ok) {
        for (const [stage, seconds] of [
          ['read', outcome.seconds[0]],
          ['check', outcome.seconds[1]],
          ['hash', outcome.seconds[2]],
          ['write', outcome.seconds[3]]
        ] as const) {
          clock.add(stage, seconds ?? 0);
        }
      } else if (outcome.fault !== undefined) {
        logger.error(
          { fault: outcome.fault, reason: outcome.reason },
          'the check of an image failed'
        );
      }
    }
  });
  return outcomes;
}

/** Where the files of each run must lie. */
async function runDirectories(
  db: PipelineParts['db'],
  exportId: string
): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('export_runs')
    .selectAll()
    .where('export_id', '=', exportId)
    .execute();
  return new Map(rows.map(({ run, directories }) => [run, directories]));
}

/** @returns the URI of a plain file to examine, or the outcome where there is none */
async function locate(
  { source, quarantine }: PipelineParts,
  exported: ExportRow,
  item: ItemRow,
  uids: readonly number[]
): Promise<string | ExamineOutcome> {
  switch (item.source_kind) {
    case 'file':
      return item.uri ?? refusal('MISSING', 'missing');
    case 'missing':
      return refusal('MISSING', 'missing');
    case 'disassembled':
      return refusal('REFUSED', 'not_one_file');
    case 'zip_member': {
      const bytes = await member(source, exported.repository, item.dataset_id, uids);
      if (!bytes) {
        return refusal('REFUSED', 'zip_not_readable');
      }
      const incoming = quarantine.incomingPathOf(exported.quarantine_prefix, item.dataset_id);
      await writeFile(incoming, bytes, { mode: 0o600 });
      return pathToFileURL(incoming).href;
    }
  }
}

/** A zip must belong to one of those who granted; there is hardly ever more than one. */
async function member(
  source: Source,
  repository: string,
  datasetId: string,
  uids: readonly number[]
): Promise<Buffer | undefined> {
  for (const uid of uids) {
    try {
      return await source.bytes(repository, datasetId, DEFAULT_LIMITS.maxBytes, uid);
    } catch (error) {
      if (!(error instanceof BridgeError)) {
        throw error;
      }
    }
  }
  return undefined;
}

function refusal(state: 'REFUSED' | 'MISSING', why: ArtifactReasonType): ExamineOutcome {
  return { ok: false, state, reason: artifactReason(why) };
}

const CRASHES = {
  crash: 'check_crashed',
  timeout: 'check_timed_out',
  memory: 'check_out_of_memory'
} as const;

function settle(settled: Settled<ExamineOutcome>): ExamineOutcome {
  if (!settled.crashed) {
    return settled.outcome;
  }
  const type = CRASHES[settled.cause];
  return { ok: false, state: 'REFUSED', reason: { type, msg: REASONS[type] } };
}

async function writeLedger(
  trx: Connection,
  exported: ExportRow,
  items: readonly ItemRow[],
  outcomes: readonly ExamineOutcome[]
): Promise<void> {
  const nameOf = keyedNames(exported.naming_key);
  const rows = items.flatMap((item, index) => {
    const outcome = outcomes[index];
    return outcome
      ? [
          {
            item,
            outcome,
            clean: outcome.ok ? outcome : undefined,
            refusal: outcome.ok ? undefined : outcome
          }
        ]
      : [];
  });
  await sql`
    UPDATE items SET
      state = found.state, reason_type = found.reason_type, reason_msg = found.reason_msg, metadata = found.metadata,
      media_type = found.media_type, width = found.width, height = found.height,
      source_size = found.source_size, source_sha256 = found.source_sha256,
      published_size = found.published_size, published_sha256 = found.published_sha256, public_name = found.public_name
    FROM unnest(
      ${rows.map(row => row.item.number)}::int[],
      ${rows.map(row => row.refusal?.state ?? 'CHECKED')}::text[],
      ${rows.map(row => row.refusal?.reason.type ?? null)}::text[],
      ${rows.map(row => row.refusal?.reason.msg ?? null)}::text[],
      ${rows.map(row => (row.clean ? JSON.stringify(row.clean.metadata) : null))}::jsonb[],
      ${rows.map(row => row.clean?.mediaType ?? null)}::text[],
      ${rows.map(row => row.clean?.width ?? null)}::int[],
      ${rows.map(row => row.clean?.height ?? null)}::int[],
      ${rows.map(row => row.clean?.sourceSize ?? null)}::int[],
      ${rows.map(row => row.clean?.sourceSha256 ?? null)}::text[],
      ${rows.map(row => row.clean?.publishedSize ?? null)}::int[],
      ${rows.map(row => row.clean?.publishedSha256 ?? null)}::text[],
      ${rows.map(row => (row.clean ? `${nameOf('item', row.item.dataset_id)}.${row.clean.extension}` : null))}::text[]
    ) AS found (number, state, reason_type, reason_msg, metadata, media_type, width, height,
                source_size, source_sha256, published_size, published_sha256, public_name)
    WHERE items.export_id = ${exported.id}::uuid AND items.number = found.number AND items.state = 'LISTED'`.execute(
    trx
  );
}

function countFates({ metrics }: PipelineParts, outcomes: readonly ExamineOutcome[]): void {
  const fates = outcomes.map(outcome => (outcome.ok ? 'CHECKED' : outcome.state));
  for (const fate of new Set(fates)) {
    metrics.itemsReached(fate, fates.filter(other => other === fate).length);
  }
}

function finding(outcome: ExamineOutcome | undefined): string {
  return outcome?.ok ? outcome.publishedSha256 : (outcome?.reason.type ?? '');
}
