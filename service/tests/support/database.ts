import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { SERVICE_ROLE } from '../../src/supervisor/postgres.ts';

export interface TestDatabase {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  /** A query as the superuser. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Lets nobody in and throws everybody out, as a server that is down; @returns what opens it again */
  shut(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

/** An empty database in the run's cluster, for one test file. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const { directory, ownerUrl, serviceUrl } = inject('postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const as = (database: string) => ({ host: directory, port: 5432, user: 'postgres', database });
  await once(as('postgres'), `CREATE DATABASE ${name} OWNER epo_owner`);
  await once(as(name), 'ALTER SCHEMA public OWNER TO epo_owner');
  const pool = new pg.Pool({ ...as(name), max: 2 });
  pool.on('error', () => {}); // an idle connection that `drop` cut before the pool had closed it; queries report their own
  return {
    ownerUrl: ownerUrl.replace('/epo_export?', `/${name}?`),
    serviceUrl: serviceUrl.replace('/epo_export?', `/${name}?`),
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    shut: async () => {
      const admin = as('postgres');
      await once(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await once(
        admin,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`
      );
      return () => once(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    },
    drop: async () => {
      await pool.end();
      await once(as('postgres'), `DROP DATABASE ${name} WITH (FORCE)`);
    }
  };
}

/** The same with the service's tables. */
export async function migratedDatabase(): Promise<TestDatabase> {
  const database = await emptyDatabase();
  await migrate(database.ownerUrl, SERVICE_ROLE);
  return database;
}

/** How many rows each of the service's tables has: equal before and after where nothing was changed. */
export async function rowCounts({ query }: TestDatabase): Promise<Record<string, number>> {
  const tables = ['projects', 'project_members', 'grants', 'exports', 'items', 'audit_events'];
  const rows = await query<{ name: string; count: string }>(
    [...tables.map(name => `SELECT '${name}' AS name, count(*) FROM ${name}`)].join(' UNION ALL ') +
      ` UNION ALL SELECT 'jobs', count(*) FROM pgboss.job WHERE name NOT LIKE '\\_\\_%'`
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
}

async function once(config: pg.ClientConfig, statement: string): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
