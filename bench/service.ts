/** The service as an operator runs it, an export as a PI submits it, and the clock around it. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type, type Static, type TSchema } from 'typebox';
import Value from 'typebox/value';
import { DATASET_TYPE, onOneDisk, RUN, type CutoutSet } from './cutout-set.ts';
import { freePort, pythonEnvironment, scratch, start, type Place } from './place.ts';
import { ProcessWatch } from './process-watch.ts';
import type { Measured } from './contenders.ts';

export interface ServiceMeasured extends Measured {
  /** Processor seconds by stage of the pipeline, as the worker counts them. */
  readonly stages: ReadonlyMap<string, number>;
  /** How long the export stood in each state, as its PI saw it, in seconds. */
  readonly states: ReadonlyMap<string, number>;
}

/** For whoever looks for where the time goes. */
export interface Keep {
  /** A directory for the CPU profiles of Node's processes. */
  readonly profiles?: string | undefined;
  /** A file for the service's log. */
  readonly log?: string | undefined;
}

const PI = 'alien';
/** As often as a panel that wants to be quick; each look costs the service a count of all items. */
const FOLLOW_EVERY_MS = 200;
/** PostgreSQL's user must reach its directory, and a path to its socket be short. */
const DATABASES = '/var/tmp';

const Created = Type.Object({ id: Type.String() });
const Followed = Type.Object({
  id: Type.String(),
  state: Type.String(),
  reason: Type.Union([Type.Object({ msg: Type.String() }), Type.Null()]),
  counts: Type.Object({ published: Type.Integer() }),
  manifest_url: Type.Union([Type.String(), Type.Null()])
});
const Ready = Type.Object({ event: Type.Literal('ready') });
const Stages = Type.Object({
  event: Type.Literal('stages'),
  cpu_seconds: Type.Record(Type.String(), Type.Number())
});

/**
 * One export on a fresh service, from the POST until it is PUBLISHED. The service is up and has opened its repository
 * before the clock starts, as it is for a PI.
 *
 * @param keep - what to keep of the run
 */
export async function exportAll(
  place: Place,
  set: CutoutSet,
  keep: Keep
): Promise<ServiceMeasured> {
  const directory = scratch(place, 'service');
  const database = mkdtempSync(join(DATABASES, 'epo-bench-'));
  try {
    if (!onOneDisk(directory, database)) {
      process.stderr.write(`note: ${database}, for PostgreSQL, is not on the disk of the files\n`);
    }
    const service = await RunningService.start(place, set, directory, database, keep.profiles);
    try {
      return await service.export(set);
    } finally {
      await service.stop();
      if (keep.log !== undefined) {
        writeFileSync(keep.log, service.log);
      }
    }
  } finally {
    rmSync(database, { recursive: true, force: true });
  }
}

class RunningService {
  readonly #program: ReturnType<typeof start>;
  readonly #api: string;
  readonly #token: string;
  readonly #runDirectory: string;
  readonly #stopped: AbortSignal;
  #log = '';

  private constructor(
    program: ReturnType<typeof start>,
    api: string,
    token: string,
    runDirectory: string,
    stopped: AbortSignal
  ) {
    this.#program = program;
    this.#api = api;
    this.#token = token;
    this.#runDirectory = runDirectory;
    this.#stopped = stopped;
    program.child.stdout?.on('data', (text: string) => (this.#log += text));
  }

  static async start(
    place: Place,
    set: CutoutSet,
    directory: string,
    database: string,
    profiles: string | undefined
  ): Promise<RunningService> {
    const port = await freePort();
    const token = randomUUID();
    const data = join(directory, 'data');
    mkdirSync(data);
    const tokens = join(directory, 'tokens.json');
    const user = { token, username: PI, uid: process.getuid?.() ?? 0, groups: [], roles: ['pi'] };
    writeFileSync(tokens, JSON.stringify({ tokens: [user] }), { mode: 0o600 });
    const settings = join(directory, 'settings.json');
    writeFileSync(
      settings,
      JSON.stringify({
        port,
        public_port: await freePort(),
        data_dir: data,
        database_dir: database,
        identity: { mode: 'local', tokens_file: tokens },
        repositories: [{ label: 'bench', uri: set.repository }],
        butler_command: [place.python],
        project_object_limit: set.count
      })
    );
    const profiling = profiles ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` } : {};
    const program = start(
      place,
      process.execPath,
      [join(place.root, 'service/src/cli.ts'), '--config', settings, 'serve'],
      { ...pythonEnvironment(place), ...profiling }
    );
    const api = `http://127.0.0.1:${port}/epo-export/v1`;
    const service = new RunningService(program, api, token, join(data, 'run'), place.stopped);
    try {
      await Promise.race([service.#logged(Ready), program.ended]);
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  get log(): string {
    return this.#log;
  }

  async export(set: CutoutSet): Promise<ServiceMeasured> {
    const collection = { repository: 'bench', collection: RUN, kind: 'run' };
    await this.#call('POST', '/grants', Created, { ...collection, expires_in_days: 1 });
    const project = await this.#call('POST', '/projects', Created, { name: 'Benchmark' });
    const wanted = {
      repository: 'bench',
      collections: [{ name: RUN, kind: 'run' }],
      dataset_type: DATASET_TYPE
    };
    // The bridges of API and worker open the repository when the service starts; this waits for the API's, and the
    // pause for the worker's, which began at the same time.
    await this.#call('POST', '/exports/preflight', Type.Object({ ok: Type.Literal(true) }), wanted);
    await sleep(2000, undefined, { signal: this.#stopped });

    const watch = new ProcessWatch(() => this.#pids(), nameOf);
    try {
      const began = performance.now();
      let followed = await this.#call('POST', '/exports', Followed, {
        ...wanted,
        project_id: project.id,
        subject_set: 'bench-1'
      });
      const states = new Map<string, number>();
      let since = began;
      while (followed.state !== 'PUBLISHED') {
        if (followed.reason) {
          throw new Error(`The export is ${followed.state}: ${followed.reason.msg}`);
        }
        await sleep(FOLLOW_EVERY_MS, undefined, { signal: this.#stopped });
        const { state } = followed;
        followed = await this.#call('GET', `/exports/${followed.id}`, Followed);
        const now = performance.now();
        states.set(state, (states.get(state) ?? 0) + (now - since) / 1000);
        since = now;
      }
      const seconds = (since - began) / 1000;
      watch.stop();
      await requireAll(set, followed);
      return { seconds, usage: watch.usage(), stages: await this.#stages(), states };
    } finally {
      watch.stop();
    }
  }

  async stop(): Promise<void> {
    if (this.#program.child.exitCode === null && this.#program.child.signalCode === null) {
      this.#program.child.kill('SIGTERM');
    }
    await this.#program.ended.catch(() => undefined);
  }

  async #stages(): Promise<Map<string, number>> {
    process.kill(this.#pidOf('worker'), 'SIGUSR2');
    return new Map(Object.entries((await this.#logged(Stages)).cpu_seconds));
  }

  /** The supervisor with all below it, and PostgreSQL, which is nobody's child. */
  #pids(): number[] {
    return [this.#pidOf('supervisor'), this.#pidOf('postgres')];
  }

  #pidOf(name: string): number {
    return Number(readFileSync(join(this.#runDirectory, `${name}.pid`), 'utf8'));
  }

  /** Waits for a line of this form in the service's log. */
  async #logged<T extends TSchema>(schema: T): Promise<Static<T>> {
    for (;;) {
      for (const line of this.#log.split('\n').slice(0, -1)) {
        const entry: unknown = JSON.parse(line);
        if (Value.Check(schema, entry)) {
          return entry;
        }
      }
      await sleep(50, undefined, { signal: this.#stopped });
    }
  }

  async #call<T extends TSchema>(
    method: 'GET' | 'POST',
    path: string,
    schema: T,
    body?: unknown
  ): Promise<Static<T>> {
    const response = await fetch(this.#api + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(path === '/exports' ? { 'idempotency-key': randomUUID() } : {})
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: this.#stopped
    });
    const answer: unknown = await response.json();
    if (!Value.Check(schema, answer)) {
      throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    }
    return answer;
  }
}

async function requireAll(set: CutoutSet, followed: Static<typeof Followed>): Promise<void> {
  const manifest = await (await fetch(followed.manifest_url ?? '')).text();
  const rows = manifest.trim().split('\n').length - 1;
  if (followed.counts.published !== set.count || rows !== set.count) {
    throw new Error(
      `${followed.counts.published} of ${set.count} cutouts were published, ${rows} are in the manifest.`
    );
  }
}

function nameOf(command: string): string {
  const names = [
    [/examine-child/, 'service: checker'],
    [/rsp_epo_export\.bridge/, 'service: Butler bridge'],
    [/postgres/, 'service: PostgreSQL'],
    [/cli\.ts\b.* serve$/, 'service: supervisor'],
    [/cli\.ts api$/, 'service: API and public server'],
    [/cli\.ts worker$/, 'service: worker']
  ] as const;
  return names.find(([pattern]) => pattern.test(command))?.[1] ?? 'service: sync';
}
