/** Where the benchmark works, with which interpreter, and what ends it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Place {
  /** The checkout. */
  readonly root: string;
  /** The benchmark's own directory in it, which git ignores. */
  readonly directory: string;
  /** An interpreter that has `lsst.daf.butler` and Pillow. */
  readonly python: string;
  /** Aborted by Ctrl-C. */
  readonly stopped: AbortSignal;
}

/** For our own package where it is not installed, as in a fresh checkout. */
export function pythonEnvironment({ root }: Place): NodeJS.ProcessEnv {
  return { ...process.env, PYTHONPATH: root };
}

/**
 * An empty directory on the set's own disk. ext4 does not give an inode away for some minutes after a deletion, and
 * looks past all such at each new file (fs/ext4/ialloc.c, recently_deleted): a contender would pay for what somebody
 * else deleted in its block group. So each gets a group of its own, where the file system knows the attribute, and
 * nothing is deleted before {@link removeScratch}.
 */
export function scratch(place: Place, name: string): string {
  const runs = runsOf(place);
  if (mkdirSync(runs, { recursive: true }) !== undefined) {
    spawnSync('chattr', ['+T', runs], { stdio: 'ignore' }); // only ext4 knows it
  }
  return mkdtempSync(join(runs, `${name}-`));
}

/** Deletes what this benchmark copied. */
export function removeScratch(place: Place): void {
  rmSync(runsOf(place), { recursive: true, force: true });
}

function runsOf({ directory }: Place): string {
  return join(directory, `runs-${process.pid}`);
}

export interface Program {
  readonly child: ChildProcess;
  /** Resolves with all of standard output once it ended well. @throws Error with the end of its standard error */
  readonly ended: Promise<string>;
}

/**
 * Starts a program that Ctrl-C ends through us alone: in a session of its own, so that a service can be stopped in
 * order before its children hear anything.
 */
export function start(
  place: Place,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env
): Program {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const end = () => child.kill('SIGTERM');
  place.stopped.addEventListener('abort', end, { once: true });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (errors = (errors + text).slice(-4000)));
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      place.stopped.removeEventListener('abort', end);
      if (code === 0) {
        resolve(output);
      } else {
        reject(new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}:\n${errors}`));
      }
    });
  });
  return { child, ended };
}

/** A free port on the loopback, for the moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
