/** One of our own processes, started again whenever it ends while it should run. */
import { fork, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** One that lived so long was well; the next pause is short again. */
const WELL_MS = 30_000;

export class SupervisedChild {
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #pidFile: string;
  readonly #logger: Logger;
  #child: ChildProcess | undefined;
  #stopping = false;
  #done: Promise<void> | undefined;

  /**
   * @param args - of our own command line
   * @param pidFile - where its pid is written, for operators
   */
  constructor(
    name: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    pidFile: string,
    logger: Logger
  ) {
    this.#args = args;
    this.#env = env;
    this.#pidFile = pidFile;
    this.#logger = logger.child({ process: name });
  }

  /** Resolves when it has said for the first time that it is ready. */
  async start(): Promise<void> {
    const ready = Promise.withResolvers<void>();
    this.#done = this.#keepRunning(ready.resolve);
    await ready.promise;
  }

  /** Asks it to end, and waits; after `limit` ms it is killed. */
  async stop(limit: number): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.connected) {
      child.disconnect();
    }
    const timer = setTimeout(() => child?.kill('SIGKILL'), limit);
    await this.#done;
    clearTimeout(timer);
  }

  async #keepRunning(onReady: () => void): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#isStopping()) {
      const began = Date.now();
      const how = await this.#runOnce(onReady);
      if (this.#isStopping()) {
        return;
      }
      pause = Date.now() - began > WELL_MS ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      this.#logger.warn({ how, pause }, 'a process ended and is started again');
      await sleep(pause);
    }
  }

  // Asked anew after each wait: the compiler cannot know that `stop` was called meanwhile.
  #isStopping(): boolean {
    return this.#stopping;
  }

  #runOnce(onReady: () => void): Promise<string> {
    return new Promise(resolve => {
      const [program = '', ...args] = this.#args;
      const child = fork(program, args, {
        env: this.#env,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc']
      });
      this.#child = child;
      if (child.pid !== undefined) {
        writeFileSync(this.#pidFile, `${child.pid}\n`);
        this.#logger.info({ pid: child.pid }, 'started');
      }
      child.on('message', message => {
        if (message === 'ready') {
          onReady();
        }
      });
      child.on('error', error => resolve(error.message));
      child.on('exit', (code, signal) => resolve(signal ?? `status ${code}`));
    });
  }
}
