/** The files that a PI downloads. Both are for the project's team alone. */
import { stringify } from 'csv-stringify/sync';
import type { Item } from './schemas.ts';

/** Spreadsheets run what begins so; a PI opens these files in one. */
const options = { header: true, escape_formulas: true, record_delimiter: 'windows' } as const;

export function itemsCsv(items: readonly Item[]): string {
  return stringify(
    items.map(item => ({
      number: item.number,
      dataset_id: item.dataset_id,
      run: item.run,
      data_id: JSON.stringify(item.data_id),
      state: item.state,
      reason: item.reason?.type ?? '',
      reason_text: item.reason?.msg ?? '',
      source_sha256: item.source_sha256 ?? '',
      published_sha256: item.published_sha256 ?? '',
      url: item.url ?? ''
    })),
    {
      ...options,
      columns: [
        'number',
        'dataset_id',
        'run',
        'data_id',
        'state',
        'reason',
        'reason_text',
        'source_sha256',
        'published_sha256',
        'url'
      ]
    }
  );
}

export interface CrosswalkRow {
  readonly external_id: string;
  readonly frame: number;
  readonly item: Item;
}

export function crosswalkCsv(rows: readonly CrosswalkRow[]): string {
  return stringify(
    rows.map(({ external_id, frame, item }) => ({
      external_id,
      frame,
      dataset_id: item.dataset_id,
      run: item.run,
      data_id: JSON.stringify(item.data_id),
      url: item.url ?? ''
    })),
    { ...options, columns: ['external_id', 'frame', 'dataset_id', 'run', 'data_id', 'url'] }
  );
}
