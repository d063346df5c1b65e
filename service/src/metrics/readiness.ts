/** Whether a process can do its work: its database answers, with a schema that the program knows. */
import type { Database } from '../database/database.ts';
import { missingMigrations } from '../database/migrate.ts';

/** Less than a probe's patience (`timeoutSeconds` in the chart), so that the answer says why. */
const PATIENCE_MS = 3_000;

/** @returns why not, for `/health/ready`; `undefined` where all is well */
export async function whyDatabaseIsNotReady(db: Database): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
  });
  try {
    const missing = await Promise.race([missingMigrations(db), patience]);
    return missing.length === 0
      ? undefined
      : `the database lacks ${missing.join(', ')}: run "epo-export migrate"`;
  } catch {
    return 'the database does not answer';
  } finally {
    clearTimeout(timer);
  }
}
