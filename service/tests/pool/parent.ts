/** A program with a pool, to be killed: prints its children's process ids once they work. */
import { WorkPool } from '../../src/pool/work-pool.ts';
import type { HostileTask } from './hostile-child.ts';

const [does, log] = process.argv.slice(2);

const pool = new WorkPool<HostileTask, string>({
  entry: new URL('hostile-child.ts', import.meta.url),
  size: 2,
  perItemTimeoutMs: 600_000,
  maxRssBytes: 1024 ** 3,
  readOutcome: String,
  batchSize: 1
});

let done = 0;
const task = (name: string, what: string | undefined): HostileTask => ({
  name,
  does: what as HostileTask['does'],
  log: log ?? ''
});
// The first task of each child proves that it works; the second keeps it busy until the kill.
await pool.run([task('a', 'answer'), task('b', 'answer')], { onOutcome: () => (done += 1) });
void pool.run([task('c', does), task('d', does)], { onOutcome: () => undefined });
process.stdout.write(`${JSON.stringify({ done, pids: pool.pids })}\n`);
