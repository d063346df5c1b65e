/** The programs that a demo starts, each with a log, and ended together. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lab on a cold disk is slow, in ms. */
const ANSWER_LIMIT = 180_000;
const STOP_LIMIT = 30_000;

export class Processes {
  readonly #logs: string;
  readonly #running = new Map<string, ChildProcess>();
  readonly #death = Promise.withResolvers<string>();
  #stopping = false;

  /** @param logs - the directory of the log files */
  constructor(logs: string) {
    this.#logs = logs;
  }

  /** Whether {@link stopAll} was called. */
  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Runs a program to its end. @throws Error with the end of its log where it fails */
  async finish(name: string, program: string, args: readonly string[]): Promise<void> {
    const child = this.#spawn(name, program, args, {});
    const how = await ended(child);
    this.#running.delete(name);
    if (how !== 'status 0' && !this.#stopping) {
      throw new Error(`${name} failed (${how}):\n${this.#tail(name)}`);
    }
  }

  /** Starts a program that should run until we end it. */
  keep(
    name: string,
    program: string,
    args: readonly string[],
    environment: Record<string, string>
  ): void {
    const child = this.#spawn(name, program, args, environment);
    void ended(child).then(() => {
      this.#running.delete(name);
      this.#death.resolve(name);
    });
  }

  /** Resolves with the name of the first that ended by itself. */
  async whenOneDies(): Promise<string> {
    return this.#death.promise;
  }

  /** @throws Error with the end of its log where `name` ends, or does not answer in time */
  async whenAnswers(name: string, url: string): Promise<void> {
    const deadline = Date.now() + ANSWER_LIMIT;
    while (Date.now() < deadline) {
      if (!this.#running.has(name)) {
        throw new Error(`${name} did not start:\n${this.#tail(name)}`);
      }
      const isUp = await fetch(url).then(
        response => response.status < 500,
        () => false
      );
      if (isUp) {
        return;
      }
      await sleep(200);
    }
    throw new Error(`${name} did not answer at ${url}:\n${this.#tail(name)}`);
  }

  async stopAll(): Promise<void> {
    if (this.#stopping) {
      return;
    }
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map(stop));
  }

  #spawn(
    name: string,
    program: string,
    args: readonly string[],
    environment: Record<string, string>
  ): ChildProcess {
    mkdirSync(this.#logs, { recursive: true });
    const log = openSync(join(this.#logs, `${name}.log`), 'w');
    // A session of its own: a Ctrl-C in the terminal reaches us alone, and we end each in its turn.
    const child = spawn(program, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', log, log],
      detached: true
    });
    this.#running.set(name, child);
    return child;
  }

  #tail(name: string): string {
    return readFileSync(join(this.#logs, `${name}.log`), 'utf8')
      .split('\n')
      .slice(-20)
      .join('\n');
  }
}

export async function isPortFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function ended(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    child.on('error', error => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const end = ended(child);
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  await end;
  clearTimeout(timer);
}
