/** What the public gets, without the lab and without a token. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PUBLIC } from './places.ts';

export async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { redirect: 'manual' });
  await response.arrayBuffer();
  return response.status;
}

/** @returns those of `paths` that the public server answers with anything but 404 */
export async function notHidden(paths: Iterable<string>): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const status = await statusOf(new URL(path, PUBLIC).href);
    if (status !== 404) {
      found.push(`${path}: ${status}`);
    }
  }
  return found;
}

/** Saves what is at `urls` in `directory`, each under its last part. @throws Error where one is not public */
export async function save(urls: Iterable<string>, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const url of urls) {
    const response = await fetch(url);
    if (response.status !== 200) {
      throw new Error(`${url} answers ${response.status}`);
    }
    await writeFile(join(directory, basename(url)), Buffer.from(await response.arrayBuffer()));
  }
}
