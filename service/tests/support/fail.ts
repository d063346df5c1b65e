import { pino } from 'pino';
import { connect } from '../../src/database/database.ts';
import { JobSender, openQueues } from '../../src/jobs/queues.ts';
import { failExport, StopExport } from '../../src/pipeline/stop.ts';
import type { TestService } from './service.ts';

/** Ends an export as the watchdog and a worker at its wits' end do. @param discard - as where leave to read has ended */
export async function fail(
  { database }: Pick<TestService, 'database'>,
  id: string,
  { discard = false } = {}
): Promise<void> {
  const logger = pino({ level: 'silent' });
  const db = connect(database.serviceUrl, () => {});
  const boss = openQueues(database.serviceUrl, logger, false);
  await boss.start();
  try {
    const parts = { db, jobs: new JobSender(boss) };
    await failExport(parts, id, new StopExport('stalled', 'A test says so.', { discard }));
  } finally {
    await boss.stop({ graceful: false });
    await db.destroy();
  }
}
