/** The outbox: what a PI is told, written with the state that it tells of, and sent afterwards. */
import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
CREATE TABLE notifications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  export_id uuid NOT NULL REFERENCES exports,
  attempt integer NOT NULL,
  event text NOT NULL,
  recipient text NOT NULL,
  -- Why it was rejected or stopped, which a retry clears in the export; or how many became public.
  detail text,
  created timestamptz NOT NULL DEFAULT now(),
  -- Raised before each try, so that whoever comes after a dead sender knows that it may have been sent.
  tries integer NOT NULL DEFAULT 0,
  next_try timestamptz NOT NULL DEFAULT now(),
  sent timestamptz,
  -- Its id at Semaphore.
  semaphore_id text,
  UNIQUE (export_id, attempt, event)
);
CREATE INDEX ON notifications (next_try) WHERE sent IS NULL;
CREATE INDEX ON notifications (recipient, id);
`
    )
    .execute(db);
}
