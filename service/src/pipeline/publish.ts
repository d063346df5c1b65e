/** Steps 4 and 5: make an approved export public, chunk by chunk, read every file back, and end with the manifest. */
import { createHash } from 'node:crypto';
import { digestOfBytes, record, SYSTEM } from '../audit/audit.ts';
import { exportById, lockExport, move, touch } from '../exports/store.ts';
import type { Jobs } from '../jobs/queues.ts';
import { manifestOf } from '../manifest/manifest.ts';
import { MANIFEST_NAME } from '../public/urls.ts';
import { failpoint } from './failpoint.ts';
import type { PipelineParts } from './parts.ts';
import { requireGrants, StopExport } from './stop.ts';

export async function publish(parts: PipelineParts, job: Jobs['publish']): Promise<void> {
  const { db, jobs, quarantine, publicStore, clock } = parts;
  const exported = await exportById(db, job.export_id);
  if (exported?.state !== 'PUBLISHING' || exported.attempt !== job.attempt) {
    return;
  }
  await requireGrants(db, exported);
  const items = await db
    .selectFrom('items')
    .select(['number', 'dataset_id', 'public_name', 'published_sha256'])
    .where('export_id', '=', exported.id)
    .where('chunk', '=', job.chunk)
    .where('state', '=', 'CHECKED')
    .orderBy('number')
    .execute();
  const expected = items.map(item => ({
    name: item.public_name ?? '',
    sha256: item.published_sha256 ?? ''
  }));
  await clock.measure('publish', async () => {
    for (const item of items) {
      await publicStore.publish(
        quarantine.pathOf(exported.quarantine_prefix, item.dataset_id),
        exported.public_prefix,
        item.public_name ?? ''
      );
    }
  });
  failpoint('publish.renamed');
  await clock.measure('sync', () => publicStore.sync());
  await clock.measure('read back', () => compare(parts, exported.public_prefix, expected));
  failpoint('publish.read_back');

  const isMine = await db.transaction().execute(async trx => {
    const current = await lockExport(trx, exported.id);
    if (current?.state !== 'PUBLISHING' || current.attempt !== job.attempt) {
      return false;
    }
    const mine = await trx
      .updateTable('chunks')
      .set({ published: new Date() })
      .where('export_id', '=', exported.id)
      .where('chunk', '=', job.chunk)
      .where('published', 'is', null)
      .returning('chunk')
      .executeTakeFirst();
    if (!mine) {
      return false; // done before, by a worker that died when it had
    }
    await trx
      .updateTable('items')
      .set({ state: 'PUBLISHED' })
      .where('export_id', '=', exported.id)
      .where('chunk', '=', job.chunk)
      .where('state', '=', 'CHECKED')
      .execute();
    await record(trx, {
      ...SYSTEM,
      action: 'publish_chunk',
      exportId: exported.id,
      subject: `chunk ${job.chunk}`,
      detail: { items: items.length, read_back: true },
      itemsDigest: digestOfBytes(items)
    });
    await touch(trx, exported.id);
    const left = await trx
      .selectFrom('chunks')
      .select('chunk')
      .where('export_id', '=', exported.id)
      .where('published', 'is', null)
      .limit(1)
      .execute();
    if (left.length === 0) {
      await jobs.send(trx, 'finish', [{ export_id: exported.id, attempt: job.attempt }]);
    }
    return true;
  });
  if (isMine) {
    parts.metrics.itemsReached('PUBLISHED', items.length);
  }
  failpoint('publish.committed');
}

export async function finish(
  parts: PipelineParts,
  { export_id: id, attempt }: Jobs['finish']
): Promise<void> {
  const { db, publicStore, quarantine, settings } = parts;
  const exported = await exportById(db, id);
  if (exported?.state !== 'PUBLISHING' || exported.attempt !== attempt) {
    return;
  }
  await requireGrants(db, exported);
  const items = await db
    .selectFrom('items')
    .selectAll()
    .where('export_id', '=', id)
    .where('state', '=', 'PUBLISHED')
    .orderBy('number')
    .execute();
  const manifest = manifestOf(exported, items, settings.public_url);
  const sha256 = createHash('sha256').update(manifest).digest('hex');
  await publicStore.write(exported.public_prefix, MANIFEST_NAME, manifest, {
    sha256,
    size: Buffer.byteLength(manifest),
    media_type: 'text/csv; charset=utf-8'
  });
  failpoint('finish.manifest_written');
  await compare(parts, exported.public_prefix, [{ name: MANIFEST_NAME, sha256 }]);
  await quarantine.discard(exported.quarantine_prefix);
  await db.transaction().execute(trx =>
    move(
      trx,
      id,
      'complete',
      {
        ...SYSTEM,
        detail: { items: items.length, manifest_sha256: sha256 },
        itemsDigest: digestOfBytes(items)
      },
      { manifest_sha256: sha256 }
    )
  );
}

/** Deletes the files of an export that is not public, or no longer. */
export async function discard(
  { db, quarantine, publicStore }: PipelineParts,
  { export_id: id, attempt }: Jobs['discard']
): Promise<void> {
  const exported = await exportById(db, id);
  if (!exported || exported.attempt !== attempt) {
    return;
  }
  switch (exported.state) {
    case 'CANCELLED':
    case 'REJECTED':
    case 'FAILED':
      await quarantine.discard(exported.quarantine_prefix);
      await publicStore.discard(exported.public_prefix);
      break;
    case 'WITHDRAWN':
    case 'EXPIRED':
      await quarantine.discard(exported.quarantine_prefix);
      await publicStore.close(exported.public_prefix);
      await publicStore.discard(exported.public_prefix);
      break;
    default: // retried meanwhile: the files are in use
  }
}

async function compare(
  { readBack }: PipelineParts,
  prefix: string,
  expected: readonly { name: string; sha256: string }[]
): Promise<void> {
  const wrong = await readBack.differing(prefix, expected);
  if (wrong.length > 0) {
    throw new StopExport(
      'read_back_differs',
      `${wrong.length} published files read back with other bytes than were approved. Everything was taken back; tell EPO, then retry.`,
      { discard: true }
    );
  }
}
