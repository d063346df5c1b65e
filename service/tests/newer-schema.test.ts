/** A version that is older than the database's schema: what the runbook promises of a way back. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../src/database/database.ts';
import { migrate } from '../src/database/migrate.ts';
import { migrations } from '../src/database/migrations/index.ts';
import { SERVICE_ROLE } from '../src/supervisor/postgres.ts';
import { Client } from './support/client.ts';
import { emptyDatabase, migratedDatabase, type TestDatabase } from './support/database.ts';
import { commonSettings, freePorts, ServiceProcess } from './support/service.ts';

/** Adds, as a migration may: columns of old tables, and a table to which the service may only append. */
const newer = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `ALTER TABLE exports ADD COLUMN newer text NOT NULL DEFAULT 'as before';
         ALTER TABLE items ADD COLUMN newer integer;
         ALTER TABLE notifications ADD COLUMN newer boolean NOT NULL DEFAULT false;
         CREATE TABLE newer_trail (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL);
         GRANT SELECT, INSERT ON newer_trail TO ${SERVICE_ROLE};`
      )
      .execute(db);
  }
};

let directory: string;
let database: TestDatabase;
let processes: ServiceProcess[];
let alien: Client;

beforeAll(async () => {
  database = await migratedDatabase();
  await upgrade(database, { ...migrations, '9999_newer': newer });
  directory = await mkdtemp(join(tmpdir(), 'epo-newer-'));
  const [port, publicPort] = await freePorts();
  const config = join(directory, 'config.json');
  const settings = {
    ...(await commonSettings(directory)),
    port,
    public_port: publicPort,
    workers: 1
  };
  await writeFile(config, JSON.stringify(settings));
  const env = { EPO_EXPORT_CONFIG: config, DATABASE_URL: database.serviceUrl };
  processes = ['api', 'worker'].map(
    name => new ServiceProcess(name, env, join(directory, `${name}.log`))
  );
  await Promise.all(processes.map(process => process.ready()));
  alien = new Client({ api: `http://127.0.0.1:${port}/epo-export/v1` }, 'alien');
});

afterAll(async () => {
  await Promise.all(processes.map(process => process.stop()));
  await database.drop();
  await rm(directory, { recursive: true });
});

/** What a version with these migrations does to the tables. */
async function upgrade(
  { ownerUrl }: TestDatabase,
  ofThatVersion: typeof migrations
): Promise<void> {
  const db = connect(ownerUrl, () => {}, 1);
  try {
    const provider = { getMigrations: async () => ofThatVersion };
    const { error } = await new Migrator({ db, provider }).migrateToLatest();
    expect(error).toBeUndefined();
  } finally {
    await db.destroy();
  }
}

test('starts and publishes an export', async () => {
  const published = await alien.publish('u/alien/mended');
  expect(published.counts.published).toBe(2);
  expect(await database.query('SELECT newer FROM exports WHERE id = $1', [published.id])).toEqual([
    { newer: 'as before' }
  ]);
});

test('migrates nothing, and gives the service nothing that the newer version kept from it', async () => {
  const what = () =>
    database.query(
      `SELECT name AS what FROM kysely_migration
       UNION ALL SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants
       WHERE grantee = $1 AND table_schema = 'public' ORDER BY 1`,
      [SERVICE_ROLE]
    );
  const before = await what();
  expect(before).toContainEqual({ what: '9999_newer' });
  expect(before).not.toContainEqual({ what: 'newer_trail DELETE' });
  await migrate(database.ownerUrl, SERVICE_ROLE);
  expect(await what()).toEqual(before);
});

test('does not take a database for newer that went another way', async () => {
  const other = await emptyDatabase();
  try {
    const [first = ''] = Object.keys(migrations);
    const { [first]: initial, ...rest } = migrations;
    expect(Object.keys(rest)).not.toEqual([]);
    await upgrade(other, {
      ...(initial && { [first]: initial }),
      '0001_other': { up: async () => {} }
    });
    await expect(migrate(other.ownerUrl, SERVICE_ROLE)).rejects.toThrow(
      `has 0001_other, which this version does not know, and lacks ${Object.keys(rest).join(', ')}`
    );
  } finally {
    await other.drop();
  }
});
