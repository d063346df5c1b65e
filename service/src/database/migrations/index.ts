/** Every migration, in order. One that has been released is never changed. */
import type { Migration } from 'kysely/migration';
import * as initial from './0001_initial.ts';
import * as notifications from './0002_notifications.ts';

export const migrations: Record<string, Migration> = {
  '0001_initial': initial,
  '0002_notifications': notifications
};
