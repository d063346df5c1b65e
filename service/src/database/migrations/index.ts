/** Every migration, in order. One that has been released is never changed. */
import type { Migration } from 'kysely/migration';
import * as initial from './0001_initial.ts';

export const migrations: Record<string, Migration> = {
  '0001_initial': initial
};
