/** Step 3: everything is collected. Approve or hold it, and once approved, open its place in public. */
import { sql } from 'kysely';
import { digestOfBytes, SYSTEM } from '../audit/audit.ts';
import type { Connection } from '../database/database.ts';
import { lockExport, move, moveItems, type ExportRow } from '../exports/store.ts';
import { subjectsOf } from '../exports/subjects.ts';
import type { Jobs } from '../jobs/queues.ts';
import { failpoint } from './failpoint.ts';
import type { PipelineParts } from './parts.ts';
import { artifactReason, type ArtifactReasonType } from './reasons.ts';
import { requireGrants, StopExport } from './stop.ts';

/** The Zooniverse shows no more (front-end-monorepo:docs/arch/adr-19.md). */
const MAX_FRAMES = 10;
const EMPTY_COLUMNS = 'metadata_columns_empty';

export async function decide(parts: PipelineParts, job: Jobs['decide']): Promise<void> {
  await approveOrHold(parts, job);
  await beginPublishing(parts, job);
}

async function approveOrHold(
  { db, policy }: PipelineParts,
  { export_id: id, attempt }: Jobs['decide']
): Promise<void> {
  const isEmpty = await db.transaction().execute(async trx => {
    const exported = await lockExport(trx, id);
    if (exported?.state !== 'COLLECTING' || exported.attempt !== attempt) {
      return false;
    }
    await refuseBrokenSubjects(trx, exported);
    await noteEmptyColumns(trx, exported);
    const fit = await trx
      .selectFrom('items')
      .select(['dataset_id', 'published_sha256'])
      .where('export_id', '=', id)
      .where('state', 'in', ['CHECKED', 'PUBLISHED'])
      .orderBy('number')
      .execute();
    if (fit.length === 0) {
      return true;
    }
    const { verdict, why } = await policy.decide(exported);
    // Rule 1: the decision names the bytes that it covers.
    const itemsDigest = digestOfBytes(fit);
    await move(trx, id, verdict, { ...SYSTEM, why, detail: { items: fit.length }, itemsDigest });
    if (verdict === 'hold') {
      await moveItems(trx, id, 'CHECKED', { state: 'HELD' });
    }
    return false;
  });
  if (isEmpty) {
    // Not thrown inside: the transaction keeps what each item was refused for.
    throw new StopExport(
      'nothing_to_publish',
      'Every item was refused or is missing, so there is nothing to publish. The list of items says why; mend them and retry, or cancel.'
    );
  }
  failpoint('decide.approved');
}

/** A column that no item fills is more often misspelt than meant: said before anybody decides. */
async function noteEmptyColumns(trx: Connection, exported: ExportRow): Promise<void> {
  if (exported.metadata_columns.length === 0) {
    return;
  }
  const empty = await sql<{ name: string }>`
    SELECT name FROM unnest(${exported.metadata_columns}::text[]) WITH ORDINALITY AS columns (name, place)
    WHERE NOT EXISTS (
      SELECT FROM items
      WHERE export_id = ${exported.id}::uuid AND state IN ('CHECKED', 'PUBLISHED') AND coalesce(metadata ->> name, '') <> ''
    )
    ORDER BY place`.execute(trx);
  const names = empty.rows.map(({ name }) => name);
  const note = {
    type: EMPTY_COLUMNS,
    msg: `No item has anything in ${names.length === 1 ? 'the metadata column' : 'the metadata columns'} ${names.join(', ')}. The manifest will have ${names.length === 1 ? 'it' : 'them'} empty; if the name is misspelt, cancel or withdraw and submit again.`
  };
  const others = exported.notes.filter(({ type }) => type !== EMPTY_COLUMNS); // those of an earlier try
  await trx
    .updateTable('exports')
    .set({ notes: JSON.stringify(names.length > 0 ? [...others, note] : others) })
    .where('id', '=', exported.id)
    .execute();
}

async function beginPublishing(
  { db, jobs, publicStore }: PipelineParts,
  { export_id: id, attempt }: Jobs['decide']
): Promise<void> {
  await db.transaction().execute(async trx => {
    const exported = await lockExport(trx, id);
    if (exported?.state !== 'APPROVED' || exported.attempt !== attempt) {
      return;
    }
    await requireGrants(trx, exported);
    const items = await trx
      .selectFrom('items')
      .select(['public_name', 'published_sha256', 'published_size', 'media_type'])
      .where('export_id', '=', id)
      .where('state', 'in', ['CHECKED', 'PUBLISHED'])
      .execute();
    await publicStore.open(
      exported.public_prefix,
      new Map(
        items.map(item => [
          item.public_name ?? '',
          {
            sha256: item.published_sha256 ?? '',
            size: item.published_size ?? 0,
            media_type: item.media_type ?? ''
          }
        ])
      )
    );
    await move(trx, id, 'publish', SYSTEM);
    const waiting = await trx
      .selectFrom('chunks')
      .select('chunk')
      .where('export_id', '=', id)
      .where('published', 'is', null)
      .orderBy('chunk')
      .execute();
    if (waiting.length > 0) {
      await jobs.send(
        trx,
        'publish',
        waiting.map(({ chunk }) => ({ export_id: id, attempt, chunk }))
      );
    } else {
      await jobs.send(trx, 'finish', [{ export_id: id, attempt }]);
    }
  });
}

/**
 * A subject with a frame missing would make ragged columns, on which the Zooniverse's import fails or guesses: it is
 * refused as a whole.
 */
async function refuseBrokenSubjects(trx: Connection, exported: ExportRow): Promise<void> {
  const dimension = exported.frame_dimension;
  if (dimension === null) {
    return;
  }
  const items = await trx
    .selectFrom('items')
    .select(['number', 'dataset_id', 'data_id', 'state'])
    .where('export_id', '=', exported.id)
    .orderBy('number')
    .execute();
  const withDimension = items.filter(item => Object.hasOwn(item.data_id, dimension));
  const refuse = new Map<number, ArtifactReasonType>();
  for (const item of items) {
    if (!Object.hasOwn(item.data_id, dimension)) {
      refuse.set(item.number, 'no_such_dimension');
    }
  }
  const subjects = subjectsOf(withDimension, dimension, exported.naming_key);
  const wanted = Math.max(
    0,
    ...subjects.map(subject => new Set(subject.frames.map(frame => frame.data_id[dimension])).size)
  );
  for (const { frames } of subjects) {
    const seen = new Set<string | number | undefined>();
    const kept = frames.filter(frame => {
      const isNew = !seen.has(frame.data_id[dimension]);
      seen.add(frame.data_id[dimension]);
      if (!isNew) {
        refuse.set(frame.number, 'duplicate_frame');
      }
      return isNew;
    });
    if (kept.length > MAX_FRAMES) {
      kept.forEach(frame => refuse.set(frame.number, 'too_many_frames'));
    } else if (
      kept.length < wanted ||
      kept.some(frame => frame.state === 'REFUSED' || frame.state === 'MISSING')
    ) {
      kept.forEach(frame => refuse.set(frame.number, 'incomplete_subject'));
    }
  }
  for (const type of new Set(refuse.values())) {
    const { msg } = artifactReason(type);
    await trx
      .updateTable('items')
      .set({ state: 'REFUSED', reason_type: type, reason_msg: msg, public_name: null })
      .where('export_id', '=', exported.id)
      .where('state', '=', 'CHECKED')
      .where(
        'number',
        'in',
        [...refuse].filter(([, why]) => why === type).map(([number]) => number)
      )
      .execute();
  }
}
