/**
 * Named points at which a test can end a process as a power cut would. In production the variable is not set and a
 * point does nothing.
 *
 * `EPO_EXPORT_KILL_AT=publish.renamed:PID` kills process PID (`self` for this one) with SIGKILL the first time that
 * the point is reached; a marker file beside the data keeps it from happening again after the restart.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Each export comes past these. */
export const PIPELINE_POINTS = [
  'list.before_commit',
  'list.committed',
  'collect.written',
  'collect.synced',
  'collect.committed',
  'decide.approved',
  'publish.renamed',
  'publish.read_back',
  'publish.committed',
  'finish.manifest_written'
] as const;

export type Failpoint = (typeof PIPELINE_POINTS)[number] | 'notify.sent';

export function failpoint(name: Failpoint): void {
  const wanted = process.env['EPO_EXPORT_KILL_AT'];
  if (wanted?.startsWith(`${name}:`)) {
    killOnce(name, wanted.slice(name.length + 1));
  }
}

function killOnce(name: Failpoint, victim: string): void {
  const directory = process.env['EPO_EXPORT_KILL_DIR'] ?? '.';
  const marker = join(directory, `killed-${name}`);
  if (existsSync(marker)) {
    return;
  }
  writeFileSync(marker, '');
  const pid =
    victim === 'self'
      ? process.pid
      : Number(readFileSync(join(directory, `${victim}.pid`), 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGKILL');
}
