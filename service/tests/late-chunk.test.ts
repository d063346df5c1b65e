/** A chunk that is being collected while its export ends: what it still writes must not outlive it. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import Value from 'typebox/value';
import { Bridges } from '../src/bridge/bridges.ts';
import { checkSettings } from '../src/config.ts';
import { connect } from '../src/database/database.ts';
import { JobSender, openQueues } from '../src/jobs/queues.ts';
import { WorkMetrics } from '../src/metrics/work.ts';
import { PublicStore } from '../src/objects/public-store.ts';
import { Quarantine } from '../src/objects/quarantine.ts';
import { collect } from '../src/pipeline/collect.ts';
import { ExamineOutcome, type ExamineTask } from '../src/pipeline/examine.ts';
import type { PipelineParts } from '../src/pipeline/parts.ts';
import { localPolicy } from '../src/pipeline/policy.ts';
import { discard } from '../src/pipeline/publish.ts';
import { ReadBack } from '../src/pipeline/read-back.ts';
import { PullSource } from '../src/pipeline/source.ts';
import { failExport, StopExport } from '../src/pipeline/stop.ts';
import { StageClock } from '../src/pipeline/stage-clock.ts';
import { WorkPool } from '../src/pool/work-pool.ts';
import { Client } from './support/client.ts';
import { filesBelow } from './support/door.ts';
import { startService, type TestService } from './support/service.ts';

let service: TestService;
let alien: Client;

beforeAll(async () => {
  service = await startService();
  alien = new Client(service, 'alien');
});

afterAll(async () => {
  await service?.close();
});

/** The worker's parts, in this process, with a quarantine in which a test can hold a chunk up. */
async function withParts(
  quarantine: Quarantine,
  work: (parts: PipelineParts) => Promise<void>
): Promise<void> {
  const settings = checkSettings(service.settings);
  const logger = pino({ level: 'silent' });
  const db = connect(service.database.serviceUrl, () => {});
  const boss = openQueues(service.database.serviceUrl, logger, false);
  await boss.start();
  const bridges = new Bridges(settings, logger);
  const readBack = new ReadBack(settings.public_url);
  const pool = new WorkPool<ExamineTask, ExamineOutcome>({
    entry: new URL('../src/pipeline/examine-child.ts', import.meta.url),
    size: 1,
    perItemTimeoutMs: 60_000,
    maxRssBytes: 512 * 1024 * 1024,
    readOutcome: outcome => Value.Parse(ExamineOutcome, outcome)
  });
  try {
    await work({
      db,
      jobs: new JobSender(boss),
      source: new PullSource(bridges),
      pool,
      quarantine,
      publicStore: new PublicStore(settings.publicDir),
      policy: localPolicy,
      readBack,
      clock: new StageClock(),
      metrics: new WorkMetrics(new Registry()),
      settings,
      logger
    });
  } finally {
    await pool.close();
    await readBack.close();
    bridges.close();
    await boss.stop({ graceful: false });
    await db.destroy();
  }
}

/** Does something at the moment when a chunk has seen that its export goes on, and has not written yet. */
class HeldUp extends Quarantine {
  meanwhile: () => Promise<void> = async () => {};

  override async prepare(prefix: string): Promise<void> {
    await this.meanwhile();
    await super.prepare(prefix);
  }
}

test.each([
  ['cancelled', 'CANCELLED'],
  ['stopped for want of a grant', 'FAILED']
] as const)(
  'an export that is %s and cleared away while a chunk is about to be written leaves no file',
  async (_how, ending) => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/story');
    await service.runWorkerUntil('list.committed');
    const job = { export_id: id, attempt: 1 };
    const quarantine = new HeldUp(checkSettings(service.settings).quarantineDir);
    await withParts(quarantine, async parts => {
      quarantine.meanwhile = async () => {
        if (ending === 'CANCELLED') {
          await alien.call('POST', `/exports/${id}/cancel`);
        } else {
          await failExport(
            parts,
            id,
            new StopExport('grant_ended', 'By a test.', { discard: true })
          );
        }
        await discard(parts, job);
      };
      await collect(parts, { ...job, chunk: 0 }, new AbortController().signal);
    });
    expect((await alien.show(id)).state).toBe(ending);
    expect(await filesBelow(service, 'quarantine')).toEqual([]);
  }
);

test('what a worker had written when it died is cleared away too, if the export ends before it is back', async () => {
  await service.stopWorker();
  const id = await alien.begin('u/alien/story');
  await service.runWorkerUntil('collect.synced');
  const job = { export_id: id, attempt: 1 };
  const quarantine = new Quarantine(checkSettings(service.settings).quarantineDir);
  await withParts(quarantine, async parts => {
    await failExport(parts, id, new StopExport('stalled', 'By a test.'));
    for (const chunk of [0, 1]) {
      await collect(parts, { ...job, chunk }, new AbortController().signal);
    }
  });
  const checked = (await alien.items(id)).filter(item => item.state === 'CHECKED');
  const kept = (await filesBelow(service, 'quarantine')).map(path => path.split('/')[1]);
  expect(kept).toEqual(checked.map(item => item.dataset_id).toSorted());
});
