/** Few steps on files that keep rule 3 (`kill -9` loses nothing): what is durable, and in which order. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, read } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes all that was written below `path` durable, its file system's other writes too: for hundreds of small files
 * one `syncfs` is many times faster than an `fsync` each, and Node has no call for it.
 */
export async function syncFileSystem(path: string): Promise<void> {
  await run('sync', ['-f', path]);
}

/**
 * Replaces the file at `path` so that a reader, or a crash, meets the old content or the new, whole and durable.
 * Several may do so at once: each writes a file of its own, and the last to rename it wins.
 */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${randomUUID()}.writing`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes an empty file, durably. Where there is one already, nothing changes. */
export async function markDurably(path: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * The first `length` bytes of a file, or all of it where it is shorter. Only the reading waits in another thread: to
 * open and to close takes microseconds, and a thread for each would cost as much as the reading.
 */
export async function readStart(path: string, length: number): Promise<Buffer> {
  const descriptor = openSync(path, 'r');
  return new Promise<Buffer>((resolve, reject) => {
    const bytes = Buffer.allocUnsafeSlow(length);
    read(descriptor, bytes, 0, length, 0, (error, count) =>
      error ? reject(error) : resolve(bytes.subarray(0, count))
    );
  }).finally(() => closeSync(descriptor));
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
