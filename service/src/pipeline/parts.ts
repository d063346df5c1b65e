import type { Logger } from 'pino';
import type { Settings } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { JobSender } from '../jobs/queues.ts';
import type { WorkMetrics } from '../metrics/work.ts';
import type { PublicStore } from '../objects/public-store.ts';
import type { Quarantine } from '../objects/quarantine.ts';
import type { WorkPool } from '../pool/work-pool.ts';
import type { ExamineOutcome, ExamineTask } from './examine.ts';
import type { Policy } from './policy.ts';
import type { ReadBack } from './read-back.ts';
import type { Source } from './source.ts';
import type { StageClock } from './stage-clock.ts';

/** What the steps of the pipeline work with; `../factory.ts` puts it together. */
export interface PipelineParts {
  readonly db: Database;
  readonly jobs: JobSender;
  readonly source: Source;
  readonly pool: WorkPool<ExamineTask, ExamineOutcome>;
  readonly quarantine: Quarantine;
  readonly publicStore: PublicStore;
  readonly policy: Policy;
  readonly readBack: ReadBack;
  readonly clock: StageClock;
  readonly metrics: WorkMetrics;
  readonly settings: Settings;
  readonly logger: Logger;
}
