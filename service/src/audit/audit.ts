/** The audit trail: who, what, when, why. Append-only by the database's own permissions (`database/migrate.ts`). */
import { createHash } from 'node:crypto';
import type { Connection } from '../database/database.ts';

export interface AuditEvent {
  /** A username, or `epo-export` for what the system does by itself. */
  readonly actor: string;
  readonly actorKind: 'pi' | 'staff' | 'system';
  /** A verb of the tables of transitions, or of what was accessed: `submit`, `list`, `collect`, `grant`, … */
  readonly action: string;
  readonly exportId?: string;
  /** What it was done to, where that is not the export: a grant's collection, a chunk. */
  readonly subject?: string;
  readonly why?: string;
  readonly detail?: Record<string, unknown>;
  /** See {@link digestOf}. */
  readonly itemsDigest?: string;
}

export const SYSTEM = { actor: 'epo-export', actorKind: 'system' } as const;

/** Adds an event, in the transaction of what it tells of. */
export async function record(db: Connection, event: AuditEvent): Promise<void> {
  await db
    .insertInto('audit_events')
    .values({
      actor: event.actor,
      actor_kind: event.actorKind,
      action: event.action,
      export_id: event.exportId ?? null,
      subject: event.subject ?? null,
      why: event.why ?? null,
      detail: JSON.stringify(event.detail ?? {}),
      items_digest: event.itemsDigest ?? null
    })
    .execute();
}

/**
 * A digest of the items that an event covers, so that the trail proves which bytes were meant.
 *
 * @param items - dataset UUID and what was found, in the order of the export
 * @returns hexadecimal SHA-256 over one line an item
 */
export function digestOf(items: Iterable<readonly [datasetId: string, finding: string]>): string {
  const hash = createHash('sha256');
  for (const [datasetId, finding] of items) {
    hash.update(`${datasetId} ${finding}\n`);
  }
  return hash.digest('hex');
}

/** A digest of items by the bytes that are published of each: rule 1, what a decision covers. */
export function digestOfBytes(
  items: readonly { readonly dataset_id: string; readonly published_sha256: string | null }[]
): string {
  return digestOf(items.map(item => [item.dataset_id, item.published_sha256 ?? '']));
}
