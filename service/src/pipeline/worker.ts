/** Does the jobs. Any number of workers may run, on any machines; a dead one's jobs go to another. */
import type { JobWithMetadata, PgBoss } from 'pg-boss';
import { Type, type TSchema } from 'typebox';
import Value from 'typebox/value';
import { BridgeUnavailable } from '../bridge/client.ts';
import { queueNames, type Jobs, type QueueName } from '../jobs/queues.ts';
import { collect } from './collect.ts';
import { decide } from './decide.ts';
import { list } from './list.ts';
import type { PipelineParts } from './parts.ts';
import { discard, finish, publish } from './publish.ts';
import { failExport, StopExport } from './stop.ts';
import { Watchdog } from './watchdog.ts';

type Step<Name extends QueueName> = (
  parts: PipelineParts,
  job: Jobs[Name],
  signal: AbortSignal
) => Promise<void>;

const STEPS: { readonly [Name in QueueName]: Step<Name> } = {
  list,
  collect,
  decide,
  publish,
  finish,
  discard
};

const OfExport = { export_id: Type.String({ format: 'uuid' }), attempt: Type.Integer() };
const OfChunk = { ...OfExport, chunk: Type.Integer() };
const SHAPES: { readonly [Name in QueueName]: TSchema } = {
  list: Type.Object(OfExport),
  collect: Type.Object(OfChunk),
  decide: Type.Object(OfExport),
  publish: Type.Object(OfChunk),
  finish: Type.Object(OfExport),
  discard: Type.Object(OfExport)
};

/** Two chunks at a time: while one waits for the disk or the ledger, the other keeps the cores busy. */
const CHUNKS_AT_A_TIME = 2;

export class Worker {
  readonly #parts: PipelineParts;
  readonly #boss: PgBoss;
  readonly #watchdog: Watchdog;
  #inHand = 0;

  constructor(parts: PipelineParts, boss: PgBoss) {
    this.#parts = parts;
    this.#boss = boss;
    this.#watchdog = new Watchdog(parts, boss);
  }

  async start(): Promise<void> {
    for (const name of queueNames) {
      const lanes = name === 'collect' || name === 'publish' ? CHUNKS_AT_A_TIME : 1;
      for (let lane = 0; lane < lanes; lane += 1) {
        await this.#work(name);
      }
    }
    this.#watchdog.start();
  }

  /**
   * Takes no new job and gives those in hand `stop_seconds` to end; what does not is given back, for another worker to
   * do again.
   *
   * @returns whether all ended: else something of this process still waits, and only its end will stop it
   */
  async stop(): Promise<boolean> {
    const { settings, logger } = this.#parts;
    this.#watchdog.stop();
    logger.info({ jobs: this.#inHand }, 'stopping: no new job is taken');
    await this.#boss.stop({ graceful: true, timeout: settings.stop_seconds * 1000 });
    const left = this.#inHand;
    logger.info({ given_back: left }, 'stopped');
    return left === 0;
  }

  async #work(name: QueueName): Promise<void> {
    const options = {
      includeMetadata: true,
      batchSize: 1,
      pollingIntervalSeconds: 1,
      notifyPollingIntervalSeconds: 5
    } as const;
    const lane: string = await this.#boss.work<Jobs[typeof name], void, typeof options>(
      name,
      options,
      async jobs => {
        this.#inHand += 1;
        try {
          for (const job of jobs) {
            await this.#do(name, job);
          }
        } finally {
          this.#inHand -= 1;
          // Look for the next job at once: pg-boss would wait out its polling interval, though the
          // notification of all chunks came when the first was sent.
          this.#boss.notifyWorker(lane);
        }
      }
    );
  }

  async #do<Name extends QueueName>(name: Name, job: JobWithMetadata<Jobs[Name]>): Promise<void> {
    const { signal, retryCount, retryLimit } = job;
    const data: Jobs[Name] = job.data;
    const id: string = data.export_id;
    if (!Value.Check(SHAPES[name], data)) {
      throw new Error(`A job of ${name} has a form that no job has.`);
    }
    const logger = this.#parts.logger.child({ job: name, ...data });
    const began = performance.now();
    const ended = (outcome: 'done' | 'stopped' | 'failed') => {
      const seconds = (performance.now() - began) / 1000;
      this.#parts.metrics.jobEnded(name, outcome, seconds);
      return seconds;
    };
    try {
      await STEPS[name](this.#parts, data, signal);
      logger.debug({ seconds: ended('done') }, 'job done');
    } catch (error) {
      if (error instanceof StopExport) {
        ended('stopped');
        logger.info({ reason: error.reason }, 'the export stops');
        await failExport(this.#parts, id, error);
        return;
      }
      ended('failed');
      logger.warn({ err: error, retryCount }, 'job failed');
      if (name !== 'discard' && retryCount >= retryLimit) {
        await failExport(this.#parts, id, lastWord(error));
        return;
      }
      throw error;
    }
  }
}

function lastWord(error: unknown): StopExport {
  return error instanceof BridgeUnavailable
    ? new StopExport(
        'repository_unavailable',
        'The Butler repository could not be read for several minutes. Nothing is lost; retry later.'
      )
    : new StopExport(
        'internal',
        'The service failed several times at this export. Nothing is lost and nothing was published by halves; retry, and tell EPO if it stays.'
      );
}
