/**
 * The first schema. Everything belongs to the owner role that runs migrations; the service's role may do only
 * what is granted at the end, so that it cannot change the audit trail.
 */
import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
CREATE TABLE projects (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  owner text NOT NULL,
  zooniverse_project text,
  contact text,
  status text NOT NULL,
  object_limit integer NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner, name)
);

CREATE TABLE project_members (
  project_id uuid NOT NULL REFERENCES projects,
  username text NOT NULL,
  PRIMARY KEY (project_id, username)
);
CREATE INDEX ON project_members (username);

CREATE TABLE grants (
  id uuid PRIMARY KEY,
  owner_kind text NOT NULL,
  owner text NOT NULL,
  granted_by text NOT NULL,
  granted_by_uid bigint NOT NULL,
  grantee text NOT NULL,
  repository text NOT NULL,
  collection text NOT NULL,
  kind text NOT NULL,
  enforcement text NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  expires timestamptz NOT NULL,
  revoked timestamptz
);
-- One that is not revoked for each thing granted: a second one renews the first.
CREATE UNIQUE INDEX grants_one ON grants (repository, collection, kind, granted_by) WHERE revoked IS NULL;
CREATE INDEX ON grants (owner_kind, owner);

CREATE TABLE exports (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects,
  owner text NOT NULL,
  repository text NOT NULL,
  dataset_type text NOT NULL,
  subject_set text NOT NULL,
  metadata_columns text[] NOT NULL,
  frame_dimension text,
  state text NOT NULL,
  reason_type text,
  reason_msg text,
  notes jsonb NOT NULL DEFAULT '[]',
  idempotency_key text NOT NULL,
  request_digest text NOT NULL,
  -- Secrets of 128 bits: directory names that cannot be guessed, and the key that names the items.
  quarantine_prefix text NOT NULL UNIQUE,
  public_prefix text NOT NULL UNIQUE,
  naming_key text NOT NULL,
  -- Raised by each retry, so that jobs of an earlier try know that they are late.
  attempt integer NOT NULL DEFAULT 1,
  manifest_sha256 text,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner, idempotency_key)
);
CREATE INDEX ON exports (project_id, created DESC, id);
CREATE INDEX ON exports (state, updated);

CREATE TABLE export_collections (
  export_id uuid NOT NULL REFERENCES exports,
  position integer NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  PRIMARY KEY (export_id, position)
);

CREATE TABLE export_runs (
  export_id uuid NOT NULL REFERENCES exports,
  run text NOT NULL,
  -- Where its files must lie, below the datastore's roots as they were when it was listed.
  directories text[] NOT NULL,
  PRIMARY KEY (export_id, run)
);

CREATE TABLE items (
  export_id uuid NOT NULL REFERENCES exports,
  number integer NOT NULL,
  chunk integer NOT NULL,
  dataset_id uuid NOT NULL,
  run text NOT NULL,
  data_id jsonb NOT NULL,
  source_kind text NOT NULL,
  uri text,
  metadata_uri text,
  state text NOT NULL,
  reason_type text,
  reason_msg text,
  metadata jsonb,
  media_type text,
  width integer,
  height integer,
  source_size integer,
  source_sha256 text,
  published_size integer,
  published_sha256 text,
  -- <name>.png or <name>.jpg, below the export's prefix in the public store.
  public_name text,
  PRIMARY KEY (export_id, number),
  UNIQUE (export_id, dataset_id)
-- Room in each page for the two rewrites of a row, and no index on what they change: an item's state is counted from
-- its export's rows, which lie together.
) WITH (fillfactor = 40);

CREATE TABLE chunks (
  export_id uuid NOT NULL REFERENCES exports,
  chunk integer NOT NULL,
  collected timestamptz,
  published timestamptz,
  PRIMARY KEY (export_id, chunk)
);

CREATE TABLE audit_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  actor_kind text NOT NULL,
  action text NOT NULL,
  export_id uuid,
  subject text,
  why text,
  detail jsonb NOT NULL DEFAULT '{}',
  items_digest text
);
CREATE INDEX ON audit_events (export_id, id);
`
    )
    .execute(db);
}
