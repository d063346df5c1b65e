/** Who may do what: to the database, and from where to the service. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkSettings } from '../src/config.ts';
import { migrate } from '../src/database/migrate.ts';
import { SERVICE_ROLE } from '../src/supervisor/postgres.ts';
import { emptyDatabase, migratedDatabase, type TestDatabase } from './support/database.ts';
import { commonSettings, freePorts, ServiceProcess } from './support/service.ts';

const DENIED = '42501'; // insufficient_privilege

describe("the service's role", () => {
  let database: TestDatabase;
  let service: pg.Pool;

  beforeAll(async () => {
    database = await migratedDatabase();
    service = new pg.Pool({ connectionString: database.serviceUrl, max: 2 });
    await service.query(
      "INSERT INTO audit_events (actor, actor_kind, action) VALUES ('alien', 'pi', 'submit')"
    );
  });

  afterAll(async () => {
    await service.end();
    await database.drop();
  });

  test('adds to the audit trail and reads it', async () => {
    const { rows } = await service.query('SELECT actor, action FROM audit_events');
    expect(rows).toEqual([{ actor: 'alien', action: 'submit' }]);
  });

  test.each([
    "UPDATE audit_events SET actor = 'other'",
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
    "INSERT INTO audit_events (actor, actor_kind, action) VALUES ('a', 'pi', 'b') ON CONFLICT (id) DO UPDATE SET actor = 'c'",
    'DROP TABLE audit_events',
    'ALTER TABLE audit_events DISABLE TRIGGER ALL',
    'ALTER TABLE audit_events ADD COLUMN x int',
    'CREATE RULE quiet AS ON INSERT TO audit_events DO INSTEAD NOTHING',
    'CREATE TABLE mine (x int)',
    'CREATE TABLE pgboss.mine (x int)',
    'CREATE SCHEMA mine',
    'CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1',
    'DROP TABLE exports',
    'ALTER TABLE exports DROP COLUMN state',
    'CREATE INDEX ON exports (owner)',
    'TRUNCATE exports CASCADE',
    "UPDATE kysely_migration SET name = 'x'",
    'DELETE FROM kysely_migration',
    'DELETE FROM kysely_migration_lock',
    'SET ROLE epo_owner',
    'SET ROLE postgres',
    'ALTER ROLE epo_service SUPERUSER',
    "COPY audit_events FROM PROGRAM 'true'"
  ])('may not %s', async statement => {
    await expect(service.query(statement)).rejects.toMatchObject({ code: DENIED });
    const { rows } = await service.query('SELECT actor, action FROM audit_events');
    expect(rows).toEqual([{ actor: 'alien', action: 'submit' }]);
  });

  test('is the same after a second migration, which changes nothing', async () => {
    await migrate(database.ownerUrl, SERVICE_ROLE);
    await expect(service.query('DELETE FROM audit_events')).rejects.toMatchObject({ code: DENIED });
    expect((await service.query('SELECT FROM audit_events')).rowCount).toBe(1);
  });
});

describe('an old database', () => {
  test.each(['api', 'worker'])('is refused by the %s, which says what to do', async name => {
    const database = await emptyDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'epo-old-'));
    const [port, publicPort] = await freePorts();
    const settings = { ...(await commonSettings(directory)), port, public_port: publicPort };
    const config = join(directory, 'config.json');
    await writeFile(config, JSON.stringify(settings));
    const log = join(directory, 'log');
    const env = { EPO_EXPORT_CONFIG: config, DATABASE_URL: database.serviceUrl };
    await expect(new ServiceProcess(name, env, log).ready()).rejects.toThrow('ended (1)');
    expect(await readFile(log, 'utf8')).toContain(
      'The database lacks 0001_initial, 0002_notifications: run "epo-export migrate" first.'
    );
    await database.drop();
    await rm(directory, { recursive: true });
  });
});

describe('local identity', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'epo-local-'));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', 'example.org', '127.0.0.1.example.org', ''])(
    'refuses to listen on “%s”',
    async host => {
      const settings = await commonSettings(directory);
      for (const wrong of [{ host }, { public_host: host }]) {
        expect(() => checkSettings({ ...settings, ...wrong })).toThrow(/loopback/);
      }
    }
  );

  test.each(['127.0.0.1', '::1', 'localhost'])('listens on %s', async host => {
    const settings = await commonSettings(directory);
    expect(checkSettings({ ...settings, host, public_host: host }).host).toBe(host);
  });
});
