/** A whole `epo-export serve` with a PostgreSQL of its own: a test may end any of its processes at any moment. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { commonSettings, freePorts, ServiceProcess } from './service.ts';
import { keepLog } from './keep-log.ts';
import { until } from './until.ts';

export class Instance {
  readonly api: string;
  readonly directory: string;
  readonly #databaseDir: string;
  readonly #config: string;
  readonly #log: string;
  #supervisor: ServiceProcess | undefined;

  private constructor(directory: string, databaseDir: string, port: number) {
    this.api = `http://127.0.0.1:${port}/epo-export/v1`;
    this.directory = directory;
    this.#databaseDir = databaseDir;
    this.#config = join(directory, 'config.json');
    this.#log = join(directory, 'log');
  }

  static async make(): Promise<Instance> {
    // Short, for the socket's path, and where PostgreSQL's own user can enter.
    const directory = await mkdtemp('/tmp/epo-kill-');
    const databaseDir = await mkdtemp('/tmp/epo-kill-db-');
    const [port, publicPort] = await freePorts();
    const instance = new Instance(directory, databaseDir, port);
    const settings = {
      ...(await commonSettings(directory)),
      port,
      public_port: publicPort,
      database_dir: databaseDir,
      workers: 1,
      chunk_size: 10
    };
    await writeFile(instance.#config, JSON.stringify(settings));
    return instance;
  }

  /** @param killAt - as `EPO_EXPORT_KILL_AT` */
  async start(killAt?: string): Promise<void> {
    await writeFile(this.#log, '');
    this.#supervisor = new ServiceProcess(
      'serve',
      {
        EPO_EXPORT_CONFIG: this.#config,
        EPO_EXPORT_KILL_DIR: join(this.directory, 'data', 'run'),
        ...(killAt !== undefined && { EPO_EXPORT_KILL_AT: killAt })
      },
      this.#log
    );
    await until('the service is ready', async () => (await this.log()).includes('"ready"'), {
      every: 100
    });
  }

  /** Waits until the supervisor has ended by itself. */
  async ended(): Promise<void> {
    await this.#supervisor?.ended();
  }

  log(): Promise<string> {
    return readFile(this.#log, 'utf8');
  }

  /** Whether a failpoint has struck. */
  async hasKilled(point: string): Promise<boolean> {
    return (await readdir(join(this.directory, 'data', 'run'))).includes(`killed-${point}`);
  }

  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[]
  ): Promise<Row[]> {
    const client = new pg.Client({
      host: this.#databaseDir,
      port: 5432,
      user: 'postgres',
      database: 'epo_export'
    });
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** The command lines of the processes that are its own and live. */
  async processes(): Promise<string[]> {
    const own: string[] = [];
    for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
      const [environment, command] = await Promise.all(
        ['environ', 'cmdline'].map(name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => ''))
      );
      const isOwn =
        environment?.split('\0').includes(`EPO_EXPORT_CONFIG=${this.#config}`) ||
        command?.includes(this.#databaseDir);
      if (isOwn && command !== '') {
        own.push(`${pid} ${command?.replaceAll('\0', ' ')}`);
      }
    }
    return own;
  }

  /** Stops it as its operator does, and waits until no process of it is left. */
  async close(): Promise<void> {
    await this.#supervisor?.stop();
    let left: string[] = [];
    await until(
      'no process of the service is left',
      async () => (left = await this.processes()).length === 0,
      { last: () => left.join('\n') }
    );
    await keepLog(this.#log);
    await rm(this.directory, { recursive: true });
    await rm(this.#databaseDir, { recursive: true });
  }
}
