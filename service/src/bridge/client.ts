/**
 * The service's end of the Butler bridge (`docs/bridge.md`). The child is ours, but what it reports was written by
 * PIs, so every answer is checked before it is believed.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Logger } from 'pino';
import type { Static, TSchema } from 'typebox';
import Value from 'typebox/value';
import { FrameReader, type Frame } from './frames.ts';

/** The bridge answered a request with an error; it goes on. */
export class BridgeError extends Error {
  /** One of the protocol's types. */
  readonly type: string;

  constructor(type: string, msg: string) {
    super(msg);
    this.type = type;
  }
}

/** The child could not be started, or died with requests open. */
export class BridgeUnavailable extends Error {
  readonly type: string;

  constructor(type: string, msg: string) {
    super(msg);
    this.type = type;
  }
}

interface Waiting {
  readonly onPart: (part: unknown) => void;
  readonly resolve: (answer: { result: unknown; payload: Buffer | undefined }) => void;
  readonly reject: (error: Error) => void;
}

/** How long a child may take to import the stack and open the repository, in ms. */
const START_LIMIT = 120_000;

/**
 * What of our environment is not the bridge's: it imports classes that a repository's configuration names, and libpq
 * would take our password for the one of the repository's own database.
 */
const OURS: ReadonlySet<string> = new Set(['DATABASE_URL', 'DATABASE_OWNER_URL', 'PGPASSWORD']);

/** One child process for one repository. */
export class BridgeClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  #nextId = 1;
  #dead: BridgeUnavailable | undefined;

  /**
   * @param command - the interpreter and its arguments
   * @param repository - URI of the repository, from the operator's settings
   */
  constructor(command: readonly string[], repository: string, logger: Logger) {
    const [program = 'python', ...args] = command;
    this.#child = spawn(program, [...args, '-m', 'rsp_epo_export.bridge', repository], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.has(name)))
    });
    this.#child.stderr.on('data', (text: Buffer) =>
      logger.debug({ repository, text: text.toString('utf8').trimEnd() }, 'bridge')
    );
    this.#child.stdin.on('error', () => {}); // the exit handler tells
    this.#ready = this.#listen(repository);
    this.#ready.catch(() => {}); // told to whoever calls
  }

  /** Whether a new child is needed. */
  get isDead(): boolean {
    return this.#dead !== undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the repository is open. @throws BridgeUnavailable */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /**
   * @param schema - what the result must look like
   * @throws BridgeError as the protocol says; BridgeUnavailable where the child died or talks nonsense
   */
  async call<T extends TSchema>(
    call: string,
    params: Record<string, unknown>,
    schema: T,
    onPart: (part: unknown) => void = () => {}
  ): Promise<{ result: Static<T>; payload: Buffer | undefined }> {
    await this.#ready;
    if (this.#dead) {
      throw this.#dead;
    }
    const id = this.#nextId++;
    const answer = new Promise<{ result: unknown; payload: Buffer | undefined }>(
      (resolve, reject) => {
        this.#waiting.set(id, { onPart, resolve, reject });
      }
    );
    this.#child.stdin.write(`${JSON.stringify({ id, call, params })}\n`);
    const { result, payload } = await answer;
    if (!Value.Check(schema, result)) {
      throw this.#end(
        'bridge_nonsense',
        `The Butler bridge answered ${call} in a form that it should not have.`
      );
    }
    return { result, payload };
  }

  close(): void {
    this.#end('closed', 'The Butler bridge was closed.');
  }

  #listen(repository: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () =>
          reject(this.#end('start_timeout', `The repository ${repository} did not open in time.`)),
        START_LIMIT
      );
      const reader = new FrameReader(frame => {
        if ('ready' in frame.header) {
          clearTimeout(limit);
          resolve();
        } else if ('fatal' in frame.header) {
          reject(this.#end(frame.header.fatal.type, frame.header.fatal.msg));
        } else {
          this.#answer(frame);
        }
      });
      this.#child.stdout.on('data', (data: Buffer) => {
        try {
          reader.push(data);
        } catch (error) {
          reject(
            this.#end(
              'bridge_nonsense',
              `The Butler bridge broke its protocol: ${error instanceof Error ? error.message : String(error)}`
            )
          );
        }
      });
      const gone = (why: string) => {
        clearTimeout(limit);
        reject(
          this.#end(
            'bridge_died',
            `The Butler bridge ended (${why}). It is started again at the next request.`
          )
        );
      };
      this.#child.on('error', error => gone(error.message));
      this.#child.on('exit', (code, signal) => gone(signal ?? `status ${code}`));
    });
  }

  #answer({ header, payload }: Frame): void {
    if (!('id' in header) || header.id === null) {
      return;
    }
    const waiting = this.#waiting.get(header.id);
    if (!waiting) {
      return;
    }
    if ('part' in header) {
      try {
        waiting.onPart(header.part);
      } catch (error) {
        this.#waiting.delete(header.id);
        waiting.reject(error instanceof Error ? error : new Error(String(error)));
      }
      return;
    }
    this.#waiting.delete(header.id);
    if ('error' in header) {
      waiting.reject(new BridgeError(header.error.type, header.error.msg));
    } else {
      waiting.resolve({ result: header.result, payload });
    }
  }

  /** Ends the child, fails what waits, and gives the error to throw. Once dead, the first cause stays. */
  #end(type: string, msg: string): BridgeUnavailable {
    if (!this.#dead) {
      this.#dead = new BridgeUnavailable(type, msg);
      this.#child.stdin.end();
      this.#child.kill('SIGKILL');
      for (const waiting of this.#waiting.values()) {
        waiting.reject(this.#dead);
      }
      this.#waiting.clear();
    }
    return this.#dead;
  }
}
