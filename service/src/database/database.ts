/** Connections. */
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;
/** Where a store may work: the database, or a transaction of the caller's. */
export type Connection = Database | Transaction<Tables>;

/**
 * @param url - `postgresql://…`
 * @param onIdleError - told when a connection that nobody uses breaks, as at a restart of PostgreSQL; the pool opens another by itself
 * @param max - how many connections at most
 */
export function connect(url: string, onIdleError: (error: Error) => void, max = 10): Database {
  const pool = new pg.Pool({ connectionString: url, max, connectionTimeoutMillis: 10_000 });
  pool.on('error', onIdleError);
  // Uids and counts are far below 2^53.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** @returns whether `error` says that a unique constraint or index called `name` was broken */
export function breaksUnique(error: unknown, name: string): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === name;
}

/** @returns whether `error` says that a table is not there, or not yet ours to read */
export function lacksTable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '42P01' || error.code === '42501');
}
