/** The tables as the code sees them. `migrations/` makes them; nothing else describes them. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { NotificationEvent } from '../notifications/outbox.ts';
import type { ExportState, ItemState } from '../exports/transitions.ts';
import type { CollectionKind } from '../http/schemas.ts';
import type { DataId, ListedItem } from '../bridge/messages.ts';

type Written = ColumnType<Date, Date | undefined, Date>;

/** What a metadata column may hold. */
export type MetadataValue = string | number | boolean | null;

export interface Tables {
  projects: {
    id: string;
    name: string;
    owner: string;
    zooniverse_project: string | null;
    contact: string | null;
    status: 'pending' | 'approved' | 'blocked';
    object_limit: number;
    created: Written;
  };
  project_members: { project_id: string; username: string };
  grants: {
    id: string;
    owner_kind: 'user' | 'group';
    owner: string;
    granted_by: string;
    granted_by_uid: number;
    grantee: string;
    repository: string;
    collection: string;
    kind: CollectionKind;
    enforcement: 'ledger' | 'file_permissions';
    created: Written;
    expires: Date;
    revoked: Date | null;
  };
  exports: {
    id: string;
    project_id: string;
    owner: string;
    repository: string;
    dataset_type: string;
    subject_set: string;
    metadata_columns: string[];
    frame_dimension: string | null;
    state: ExportState;
    reason_type: string | null;
    reason_msg: string | null;
    notes: JSONColumnType<{ type: string; msg: string }[], string | undefined>;
    idempotency_key: string;
    request_digest: string;
    quarantine_prefix: string;
    public_prefix: string;
    naming_key: string;
    attempt: Generated<number>;
    manifest_sha256: string | null;
    created: Written;
    updated: Written;
  };
  export_collections: { export_id: string; position: number; name: string; kind: CollectionKind };
  export_runs: { export_id: string; run: string; directories: string[] };
  items: {
    export_id: string;
    number: number;
    chunk: number;
    dataset_id: string;
    run: string;
    data_id: JSONColumnType<DataId>;
    source_kind: ListedItem['kind'];
    uri: string | null;
    metadata_uri: string | null;
    state: ItemState;
    reason_type: string | null;
    reason_msg: string | null;
    metadata: JSONColumnType<Record<string, MetadataValue>> | null;
    media_type: string | null;
    width: number | null;
    height: number | null;
    source_size: number | null;
    source_sha256: string | null;
    published_size: number | null;
    published_sha256: string | null;
    public_name: string | null;
  };
  chunks: { export_id: string; chunk: number; collected: Date | null; published: Date | null };
  notifications: {
    id: Generated<number>;
    export_id: string;
    attempt: number;
    event: NotificationEvent;
    recipient: string;
    detail: string | null;
    created: Written;
    tries: Generated<number>;
    next_try: Written;
    sent: Date | null;
    semaphore_id: string | null;
  };
  audit_events: {
    id: Generated<number>;
    at: Generated<Date>;
    actor: string;
    actor_kind: 'pi' | 'staff' | 'system';
    action: string;
    export_id: string | null;
    subject: string | null;
    why: string | null;
    detail: JSONColumnType<Record<string, unknown>, string | undefined, never>;
    items_digest: string | null;
  };
}
