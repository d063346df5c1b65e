/** What several processes do at once to one directory of the public store: the API withdraws while a worker discards. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PublicStore } from '../../src/objects/public-store.ts';

const ENTRY = { sha256: 'a'.repeat(64), size: 3, media_type: 'image/png' };
const AT_ONCE = 16;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'epo-public-'));
});
afterEach(() => rm(root, { recursive: true }));

function stores(): PublicStore[] {
  return Array.from({ length: AT_ONCE }, () => new PublicStore(root));
}

test('an export is closed by several processes at once, one of which discards its files already', async () => {
  const store = new PublicStore(root);
  await store.open('p', new Map([['x.png', ENTRY]]));
  await store.write('p', 'manifest.csv', 'url\n', ENTRY);

  await Promise.all(
    stores().map(async (one, number) => {
      await one.close('p');
      if (number % 2 === 0) {
        await one.discard('p');
      }
    })
  );

  expect(store.isClosed('p')).toBe(true);
  expect((await readdir(join(root, 'p'))).sort()).toEqual(['closed', 'index.json']);
});

test('an index is written by several processes at once, and one of them wins whole', async () => {
  const store = new PublicStore(root);

  await Promise.all(
    stores().map((one, number) => one.open('p', new Map([[`${number}.png`, ENTRY]])))
  );

  const index = await store.index('p');
  expect(index.size).toBe(1);
  expect(await readdir(join(root, 'p'))).toEqual(['index.json']);
});

test('an index that cannot be written leaves nothing beside it', async () => {
  const store = new PublicStore(root);
  await store.open('p/index.json/taken', new Map());

  await expect(store.open('p', new Map())).rejects.toThrow(/EISDIR|directory/);

  expect(await readdir(join(root, 'p'))).toEqual(['index.json']);
});
