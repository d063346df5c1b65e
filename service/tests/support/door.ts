import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { recordsOf } from './csv.ts';
import type { TestService } from './service.ts';

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A published file as the public gets it. @throws Error where it does not, or the ETag is not its hash */
export async function fetchPublic(url: string): Promise<Buffer> {
  const response = await fetch(url);
  const bytes = Buffer.from(await response.arrayBuffer());
  const tag = response.headers.get('etag');
  if (response.status !== 200 || tag !== `"${sha256(bytes)}"`) {
    throw new Error(`${url}: ${response.status}, ETag ${tag}, sha256 ${sha256(bytes)}`);
  }
  return bytes;
}

/** @returns the manifest's rows, each value by its column's name */
export async function fetchManifest(url: string | null): Promise<Record<string, string>[]> {
  if (url === null) {
    throw new Error('There is no manifest.');
  }
  return recordsOf((await fetchPublic(url)).toString('utf8'));
}

/** Every file below one of the service's directories, by its path there. */
export async function filesBelow(
  { directory }: Pick<TestService, 'directory'>,
  name: 'quarantine' | 'public'
): Promise<string[]> {
  const root = join(directory, 'data', name);
  const entries = await readWhole(root);
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** A directory that the service deletes while it is read is read again, with what is left. */
async function readWhole(root: string): Promise<Dirent[]> {
  for (;;) {
    try {
      return await readdir(root, { recursive: true, withFileTypes: true });
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      const path: unknown = isGone && 'path' in error ? error.path : undefined;
      if (path === undefined || path === root) {
        throw error;
      }
    }
  }
}
