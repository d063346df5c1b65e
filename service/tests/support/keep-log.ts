/** Logs of the tests' servers stay with the run's reports: the run's last check looks through them for tokens. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const LOGS = resolve(import.meta.dirname, '../../../.cache/reports/logs');

export async function keepLog(log: string): Promise<void> {
  await mkdir(LOGS, { recursive: true });
  await copyFile(log, join(LOGS, `service-${randomUUID()}.log`));
}
