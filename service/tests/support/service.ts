/**
 * The service as it runs: `epo-export` processes of their own, on free ports, in a directory of their own, with the
 * run's PostgreSQL and repository.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';
import type { Failpoint } from '../../src/pipeline/failpoint.ts';
import { migratedDatabase, type TestDatabase } from './database.ts';
import { STACK } from './python.ts';
import { keepLog } from './keep-log.ts';
import { tokensFile } from './people.ts';

export const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

/** One `epo-export` process. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #ended: Promise<unknown>;
  readonly #ready = Promise.withResolvers<void>();

  /** @param log - everything it says is appended to this file */
  constructor(name: string, env: NodeJS.ProcessEnv, log: string) {
    const output = openSync(log, 'a');
    this.#name = name;
    const options = { env: { ...process.env, ...env } };
    this.#child =
      name === 'serve' // whose operator has no line to it; the others' is their supervisor's
        ? spawn(process.execPath, [CLI, name], { ...options, stdio: ['ignore', output, output] })
        : fork(CLI, [name], {
            ...options,
            execArgv: [],
            stdio: ['ignore', output, output, 'ipc']
          });
    closeSync(output);
    this.#ended = new Promise(resolve => this.#child.once('exit', resolve));
    this.#child.on('message', message => {
      if (message === 'ready') {
        this.#ready.resolve();
      }
    });
    this.#child.once('exit', (code, signal) =>
      this.#ready.reject(new Error(`epo-export ${name} ended (${signal ?? code}); see ${log}`))
    );
    this.#ready.promise.catch(() => {}); // told to whoever waits
  }

  get pid(): number {
    if (this.#child.pid === undefined) {
      throw new Error(`epo-export ${this.#name} did not start`);
    }
    return this.#child.pid;
  }

  async ready(): Promise<void> {
    await this.#ready.promise;
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  /** Asks it to end as Kubernetes does, and waits. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  /** Ends it as a power cut does, and waits. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

export interface TestService {
  /** The API's prefix, `http://127.0.0.1:…/epo-export/v1`. */
  readonly api: string;
  /** The public server's origin. */
  readonly door: string;
  readonly directory: string;
  readonly settings: Record<string, unknown>;
  readonly database: TestDatabase;
  startWorker(): Promise<void>;
  /** Stops the worker, so that what is submitted stays SUBMITTED. */
  stopWorker(): Promise<void>;
  /** Starts a worker that dies at this point of the pipeline, and waits until it has. */
  runWorkerUntil(point: Failpoint): Promise<void>;
  log(): Promise<string>;
  close(): Promise<void>;
}

/** @param settings - beside what every test has */
export async function startService(settings: Record<string, unknown> = {}): Promise<TestService> {
  const directory = await mkdtemp(join(tmpdir(), 'epo-service-'));
  const database = await migratedDatabase();
  const [port, publicPort] = await freePorts();
  const merged = {
    ...(await commonSettings(directory)),
    port,
    public_port: publicPort,
    workers: 1,
    chunk_size: 10,
    ...settings
  };
  const config = join(directory, 'config.json');
  await writeFile(config, JSON.stringify(merged));
  const env = { EPO_EXPORT_CONFIG: config, DATABASE_URL: database.serviceUrl };
  const log = join(directory, 'log');
  const api = new ServiceProcess('api', env, log);
  let worker: ServiceProcess | undefined = new ServiceProcess('worker', env, log);
  await Promise.all([api.ready(), worker.ready()]);
  const stopWorker = async () => {
    await worker?.stop();
    worker = undefined;
  };
  return {
    api: `http://127.0.0.1:${port}/epo-export/v1`,
    door: `http://127.0.0.1:${publicPort}`,
    directory,
    settings: merged,
    database,
    startWorker: async () => {
      worker = new ServiceProcess('worker', env, log);
      await worker.ready();
    },
    stopWorker,
    runWorkerUntil: async point => {
      const doomed = new ServiceProcess(
        'worker',
        {
          ...env,
          EPO_EXPORT_KILL_AT: `${point}:self`,
          EPO_EXPORT_KILL_DIR: await mkdtemp(join(directory, 'kill-'))
        },
        log
      );
      await doomed.ended();
    },
    log: () => readFile(log, 'utf8'),
    close: async () => {
      await Promise.all([stopWorker(), api.stop()]);
      await keepLog(log);
      await database.drop();
      await rm(directory, { recursive: true });
    }
  };
}

/** Everything but ports and database. */
export async function commonSettings(directory: string): Promise<Record<string, unknown>> {
  return {
    data_dir: join(directory, 'data'),
    identity: { mode: 'local', tokens_file: await tokensFile(directory) },
    repositories: [{ label: 'test', uri: inject('repository').uri }],
    butler_command: [...STACK],
    log_level: 'debug'
  };
}

/** Two ports that nobody listened on a moment ago. */
export async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all(
    [0, 0].map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        })
    )
  );
  const [one = 0, two = 0] = servers.map(server => (server.address() as AddressInfo).port); // a TCP server's
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return [one, two];
}
