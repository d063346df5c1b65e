import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PARENT_PID_VARIABLE, readChildMessage } from './protocol.ts';
import type { BatchMessage, ChildMessage } from './protocol.ts';
import { rssOf } from './rss.ts';

/** Why a child ended with work in its hands. */
export type DeathCause = 'crash' | 'timeout' | 'memory';

export interface Death {
  readonly cause: DeathCause;
  /** Neither it nor we ended it: the kernel, short of memory, or a person did, by SIGKILL. */
  readonly byOthers: boolean;
  /** It had said that it was ready. */
  readonly startedWell: boolean;
}

export interface PoolChildOptions {
  readonly entry: URL;
  readonly perItemTimeoutMs: number;
  readonly maxRssBytes: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface PoolChildEvents {
  onMessage(message: ChildMessage): void;
  /** The process is gone; called once. */
  onExit(death: Death): void;
}

/** A child that has not said `ready` by then will not: loading modules takes a second at most. */
const START_TIMEOUT_MS = 30_000;

/** How often the memory of a busy child is looked at. */
const RSS_EVERY_MS = 100;

/** What a child needs of our environment. Not our secrets: it reads files that others wrote. */
const PASSED_ON = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

const STDERR_TAIL = 2_000;

/** One child process, with the watch over its time and memory. */
export class PoolChild {
  readonly #options: PoolChildOptions;
  readonly #events: PoolChildEvents;
  readonly #process: ChildProcess;
  #state: 'starting' | 'ready' | 'dying' | 'gone' = 'starting';
  #startedWell = false;
  #cause: DeathCause = 'crash';
  #stderr = '';
  #deadline: NodeJS.Timeout | undefined;
  #memoryWatch: NodeJS.Timeout | undefined;
  #heard = 0;

  constructor(options: PoolChildOptions, events: PoolChildEvents) {
    this.#options = options;
    this.#events = events;
    this.#process = fork(fileURLToPath(options.entry), {
      execArgv: [
        `--max-old-space-size=${Math.ceil(options.maxRssBytes / 2 ** 20)}`,
        // Node 22 calls it experimental to run TypeScript, once for each child.
        '--disable-warning=ExperimentalWarning'
      ],
      env: {
        ...Object.fromEntries(PASSED_ON.map(name => [name, process.env[name]])),
        // glibc keeps memory in an arena for each thread; image libraries fragment them.
        MALLOC_ARENA_MAX: '2',
        ...options.env,
        [PARENT_PID_VARIABLE]: String(process.pid)
      },
      serialization: 'advanced',
      // What a child prints is for people: our own descriptor 1 may carry something else.
      stdio: ['ignore', 2, 'pipe', 'ipc']
    });
    this.#process.on('message', value => this.#hear(value));
    this.#process.on('error', error => this.#end(null, String(error)));
    this.#process.on('close', (_code, signal) => this.#end(signal));
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk);
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_TAIL);
    });
    this.#expect(START_TIMEOUT_MS);
  }

  /** It does not work yet, and will; it takes work; it takes none any more. */
  get state(): 'starting' | 'ready' | 'dying' | 'gone' {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The last of what it wrote to standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  send(message: BatchMessage): void {
    // A channel that broke is followed by `close`, which is where its work is given to others.
    this.#process.send(message, () => undefined);
  }

  /** Starts the clock for one item, anew; `null` when there is none to wait for. */
  watch(busy: boolean): void {
    clearTimeout(this.#deadline);
    if (!busy) {
      clearInterval(this.#memoryWatch);
      this.#memoryWatch = undefined;
      return;
    }
    this.#expect(this.#options.perItemTimeoutMs);
    this.#memoryWatch ??= setInterval(() => this.#checkMemory(), RSS_EVERY_MS);
  }

  kill(cause: DeathCause = 'crash'): void {
    if (this.#state !== 'dying' && this.#state !== 'gone') {
      this.#cause = cause;
      this.#state = 'dying';
      this.#process.kill('SIGKILL');
    }
  }

  #hear(value: unknown): void {
    const message = readChildMessage(value);
    this.#heard += 1;
    if (!message) {
      this.kill();
      return;
    }
    if (message.kind === 'ready' && this.#state === 'starting') {
      this.#state = 'ready';
      this.#startedWell = true;
      clearTimeout(this.#deadline);
    }
    this.#events.onMessage(message);
  }

  #expect(withinMs: number): void {
    clearTimeout(this.#deadline);
    const heard = this.#heard;
    this.#deadline = setTimeout(() => {
      // Were we ourselves busy, then what it said may still wait to be read: read first.
      setImmediate(() => {
        if (this.#heard === heard) {
          this.kill('timeout');
        } else if (this.#memoryWatch) {
          this.#expect(withinMs);
        }
      });
    }, withinMs);
  }

  #checkMemory(): void {
    const { pid } = this.#process;
    if (pid !== undefined && rssOf(pid) > this.#options.maxRssBytes) {
      this.kill('memory');
    }
  }

  #end(signal: NodeJS.Signals | null, error = ''): void {
    if (this.#state === 'gone') {
      return;
    }
    const byOthers = signal === 'SIGKILL' && this.#state !== 'dying';
    this.#state = 'gone';
    this.watch(false);
    this.#stderr += error;
    const outOfHeap = this.#cause === 'crash' && this.#stderr.includes('heap out of memory');
    this.#events.onExit({
      cause: outOfHeap ? 'memory' : this.#cause,
      byOthers,
      startedWell: this.#startedWell
    });
  }
}
