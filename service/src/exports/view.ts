/** Exports and items as a caller sees them. */
import type { Connection } from '../database/database.ts';
import { publicUrl } from '../public/urls.ts';
import type { Export, Item } from './schemas.ts';
import {
  countItems,
  countReasons,
  noItems,
  picksOf,
  type ExportRow,
  type ItemCounts,
  type ItemRow
} from './store.ts';
import { allowedTransitions, EXPORT_STATES } from './transitions.ts';

const ACTIONS = ['cancel', 'retry', 'withdraw'] as const;

/** @param origin - of the public server */
export async function viewExports(
  db: Connection,
  rows: readonly ExportRow[],
  origin: string
): Promise<Export[]> {
  const ids = rows.map(row => row.id);
  const [counts, reasons, picks] = await Promise.all([
    countItems(db, ids),
    countReasons(db, ids),
    picksOf(db, ids)
  ]);
  return rows.map(row => {
    const { owner: waitsFor, phase, means } = EXPORT_STATES[row.state];
    const allowed = allowedTransitions(row.state, 'pi');
    return {
      id: row.id,
      project_id: row.project_id,
      owner: row.owner,
      repository: row.repository,
      collections: picks.get(row.id) ?? [],
      dataset_type: row.dataset_type,
      subject_set: row.subject_set,
      metadata_columns: row.metadata_columns,
      frame_dimension: row.frame_dimension,
      state: row.state,
      phase,
      waits_for: waitsFor,
      means,
      reason:
        row.reason_type === null ? null : { type: row.reason_type, msg: row.reason_msg ?? '' },
      actions: ACTIONS.filter(action => allowed.includes(action)),
      counts: viewCounts(counts.get(row.id) ?? noItems()),
      reasons: reasons
        .filter(reason => reason.export_id === row.id)
        .map(({ reason_type, reason_msg, count }) => ({
          type: reason_type ?? '',
          msg: reason_msg ?? '',
          count
        })),
      notes: row.notes,
      manifest_url:
        row.state === 'PUBLISHED' ? publicUrl(origin, row.public_prefix, 'manifest.csv') : null,
      created: row.created.toISOString(),
      updated: row.updated.toISOString()
    };
  });
}

export function viewItem(item: ItemRow, exported: ExportRow, origin: string): Item {
  return {
    number: item.number,
    dataset_id: item.dataset_id,
    run: item.run,
    data_id: item.data_id,
    state: item.state,
    reason:
      item.reason_type === null ? null : { type: item.reason_type, msg: item.reason_msg ?? '' },
    media_type: item.media_type,
    width: item.width,
    height: item.height,
    source_size: item.source_size,
    source_sha256: item.source_sha256,
    published_size: item.published_size,
    published_sha256: item.published_sha256,
    url:
      item.state === 'PUBLISHED' && item.public_name !== null
        ? publicUrl(origin, exported.public_prefix, item.public_name)
        : null
  };
}

function viewCounts(counts: ItemCounts): Export['counts'] {
  return {
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
    listed: counts.LISTED,
    checked: counts.CHECKED,
    held: counts.HELD,
    refused: counts.REFUSED,
    published: counts.PUBLISHED,
    withdrawn: counts.WITHDRAWN,
    missing: counts.MISSING
  };
}
