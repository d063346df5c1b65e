/** Brings the database to this version's schema, as the owner role; the service never runs as that role. */
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { installQueues, queueSchema } from '../jobs/queues.ts';
import { connect, lacksTable, type Database } from './database.ts';
import { migrations } from './migrations/index.ts';

/**
 * Runs what is missing; running it again changes nothing. A database that a newer version has migrated is left as it
 * is: what that version keeps from the service, this one does not know and would give away.
 *
 * @param ownerUrl - PostgreSQL as the owner role
 * @param serviceRole - the role that the service itself logs in with; it must exist
 * @throws Error where the database lacks one of our migrations and has one that is not ours
 */
export async function migrate(ownerUrl: string, serviceRole: string): Promise<void> {
  const db = connect(ownerUrl, () => {}, 2);
  try {
    if (await isNewer(db)) {
      return;
    }
    const { error } = await migrator(db).migrateToLatest();
    if (error) {
      throw error instanceof Error ? error : new Error('A migration failed.', { cause: error });
    }
    await installQueues(ownerUrl);
    await grantToService(db, serviceRole);
  } finally {
    await db.destroy();
  }
}

/**
 * @returns the names of the migrations that the database still lacks
 * @throws Error where the database cannot be asked, which says nothing about its schema
 */
export async function missingMigrations(db: Database): Promise<string[]> {
  const done = await doneMigrations(db);
  return Object.keys(migrations).filter(name => !done.has(name));
}

async function isNewer(db: Database): Promise<boolean> {
  const notOurs = [...(await doneMigrations(db))].filter(name => !(name in migrations));
  const missing = notOurs.length > 0 ? await missingMigrations(db) : [];
  if (missing.length > 0) {
    throw new Error(
      `The database has ${notOurs.join(', ')}, which this version does not know, and lacks ${missing.join(', ')}. Nothing was changed. Migrate it with the version that made it.`
    );
  }
  return notOurs.length > 0;
}

async function doneMigrations(db: Database): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration`
    .execute(db)
    .catch((error: unknown) => {
      if (lacksTable(error)) {
        return { rows: [] };
      }
      throw error;
    });
  return new Set(rows.map(row => row.name));
}

function migrator(db: Database): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations } });
}

async function grantToService(db: Database, serviceRole: string): Promise<void> {
  const role = sql.id(serviceRole);
  const queues = sql.id(queueSchema);
  await db.transaction().execute(async trx => {
    for (const statement of [
      sql`GRANT USAGE ON SCHEMA public TO ${role}`,
      sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
      // Rule 6: the audit trail is append-only, for the service too.
      sql`REVOKE ALL ON audit_events, kysely_migration, kysely_migration_lock FROM ${role}`,
      sql`GRANT SELECT, INSERT ON audit_events TO ${role}`,
      sql`GRANT SELECT ON kysely_migration TO ${role}`,
      sql`GRANT USAGE ON SCHEMA ${queues} TO ${role}`,
      sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${queues} TO ${role}`,
      sql`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${queues} TO ${role}`,
      sql`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${queues} TO ${role}`
    ]) {
      await statement.execute(trx);
    }
  });
}
