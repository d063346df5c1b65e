/** On the platform every export is held, and an operator decides by a command. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/audit/audit.ts';
import { Export } from '../../src/exports/schemas.ts';
import { Grant, GrantList } from '../../src/grants/schemas.ts';
import { bodyOf, type Client } from '../support/client.ts';
import { fetchManifest, fetchPublic, filesBelow } from '../support/door.ts';
import { fail } from '../support/fail.ts';
import { startPlatform, type Platform } from '../support/platform.ts';
import { CLI } from '../support/service.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

let platform: Platform;
let alien: Client;

beforeAll(async () => {
  platform = await startPlatform();
  alien = platform.client('alien');
});
afterAll(() => platform?.close());

/** `epo-export decide`, as an operator runs it. @returns what it said, and its exit status */
async function decide(...args: string[]): Promise<{ said: string; status: number }> {
  const env = {
    ...process.env,
    EPO_EXPORT_CONFIG: join(platform.service.directory, 'config.json'),
    DATABASE_URL: platform.service.database.serviceUrl
  };
  try {
    const { stdout, stderr } = await run(process.execPath, [CLI, 'decide', ...args], { env });
    return { said: stdout + stderr, status: 0 };
  } catch (error) {
    const { stderr, code } = error as { stderr: string; code: number }; // what execFile throws
    return { said: stderr, status: code };
  }
}

async function held(collection = 'u/alien/story'): Promise<Export> {
  return alien.reaches(await alien.begin(collection), 'HELD');
}

async function decisions(id: string) {
  return platform.service.database.query(
    "SELECT actor, actor_kind, action, why, items_digest FROM audit_events WHERE export_id = $1 AND action IN ('hold', 'approve', 'reject') ORDER BY id",
    [id]
  );
}

async function digestOfItems(id: string): Promise<string> {
  const items = await platform.service.database.query<{
    dataset_id: string;
    published_sha256: string;
  }>(
    'SELECT dataset_id, published_sha256 FROM items WHERE export_id = $1 AND public_name IS NOT NULL ORDER BY number',
    [id]
  );
  return digestOf(items.map(item => [item.dataset_id, item.published_sha256]));
}

async function revokeAll(): Promise<void> {
  const { grants } = bodyOf(await alien.call('GET', '/grants'), 200, GrantList);
  for (const { id } of grants.filter(({ state }) => state === 'live')) {
    bodyOf(await alien.call('DELETE', `/grants/${id}`), 200, Grant);
  }
}

const BY = ['--by', 'operator'] as const;

describe('an export on the platform', () => {
  test('is held with every item, with nothing public, until somebody of EPO decides', async () => {
    const { id, counts } = await held();
    expect(counts).toMatchObject({ held: 12, checked: 0, published: 0 });
    const items = await alien.items(id);
    expect(items.every(({ url }) => url === null)).toBe(true);
    const [row] = await platform.service.database.query<{ prefix: string }>(
      'SELECT public_prefix AS prefix FROM exports WHERE id = $1',
      [id]
    );
    const door = join(platform.service.directory, 'data', 'public', row?.prefix ?? '');
    await expect(access(door)).rejects.toThrow('ENOENT');
  });

  test('is published once approved: the bytes that were held, and the trail says by whom and why', async () => {
    const { id } = await held();
    const digest = await digestOfItems(id);
    const { said, status } = await decide(id, '--approve', '--why', 'Fine.', ...BY);
    expect([status, said]).toEqual([
      0,
      `Export ${id} is approved by operator and will be published.\n`
    ]);
    const published = await alien.reaches(id, 'PUBLISHED');
    const manifest = await fetchManifest(published.manifest_url);
    expect(manifest).toHaveLength(12);
    await Promise.all((await alien.items(id)).map(({ url }) => fetchPublic(url ?? '')));
    expect(await digestOfItems(id)).toBe(digest);
    expect(await decisions(id)).toEqual([
      expect.objectContaining({
        actor: 'epo-export',
        actor_kind: 'system',
        action: 'hold',
        items_digest: digest
      }),
      {
        actor: 'operator',
        actor_kind: 'staff',
        action: 'approve',
        why: 'Fine.',
        items_digest: digest
      }
    ]);
  });

  test('ends once rejected: its PI reads why, and no file of it is left', async () => {
    const { id } = await held();
    const before = await decisions(id);
    const { status } = await decide(id, '--reject', '--why', 'Not yet released.', ...BY);
    expect(status).toBe(0);
    const rejected = await alien.show(id);
    expect(rejected).toMatchObject({
      state: 'REJECTED',
      reason: { type: 'rejected', msg: 'EPO staff rejected this export: Not yet released.' }
    });
    expect((await decisions(id)).length).toBe(before.length + 1);
    const [row] = await platform.service.database.query<{ prefix: string }>(
      'SELECT quarantine_prefix AS prefix FROM exports WHERE id = $1',
      [id]
    );
    await until('its files are deleted', async () =>
      (await filesBelow(platform.service, 'quarantine')).every(
        path => !path.startsWith(`${row?.prefix}/`)
      )
    );
  });

  test('can be decided on once: again the same is told so, and the other is refused', async () => {
    const { id } = await held();
    await decide(id, '--reject', '--why', 'No.', ...BY);
    const before = await decisions(id);
    const again = await decide(id, '--reject', '--why', 'No, again.', ...BY);
    expect([again.status, again.said]).toEqual([
      0,
      expect.stringContaining('operator decided the same')
    ]);
    const other = await decide(id, '--approve', '--why', 'After all.', ...BY);
    expect([other.status, other.said]).toEqual([
      1,
      expect.stringContaining('Only a held export can be decided on')
    ]);
    expect(await decisions(id)).toEqual(before);
  });

  test('is decided on by one of two operators who decide at once', async () => {
    const { id } = await held();
    const both = await Promise.all([
      decide(id, '--approve', '--why', 'Yes.', '--by', 'operator'),
      decide(id, '--reject', '--why', 'No.', '--by', 'reviewer')
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([0, 1]);
    expect(await decisions(id)).toHaveLength(2);
  });

  test('can be cancelled by its PI while it is held, and then not be approved', async () => {
    const { id } = await held();
    bodyOf(await alien.call('POST', `/exports/${id}/cancel`), 200, Export);
    const { status, said } = await decide(id, '--approve', '--why', 'Fine.', ...BY);
    expect([status, said]).toEqual([1, expect.stringContaining('Only a held export')]);
    expect(await alien.show(id)).toMatchObject({ state: 'CANCELLED' });
  });

  test('whose grant was revoked while it was held is not published', async () => {
    const { id } = await held('u/alien/story');
    await revokeAll();
    await decide(id, '--approve', '--why', 'Fine.', ...BY);
    const failed = await alien.reaches(id, 'FAILED');
    expect(failed.reason?.type).toBe('grant_ended');
    expect((await alien.items(id)).every(({ url }) => url === null)).toBe(true);
  });

  describe('of which a part was public when it failed, and that was retried', () => {
    let id: string;
    let urls: string[];

    async function interrupted({ discard = false } = {}): Promise<void> {
      ({ id } = await held());
      await platform.service.stopWorker();
      await decide(id, '--approve', '--why', 'Fine.', ...BY);
      await platform.service.runWorkerUntil('publish.committed');
      urls = (await alien.items(id, '&state=PUBLISHED')).map(({ url }) => url ?? '');
      expect(urls.length).toBeGreaterThan(0);
      await fail(platform.service, id, { discard });
      bodyOf(await alien.call('POST', `/exports/${id}/retry`), 200, Export);
      await platform.service.startWorker();
      await alien.reaches(id, 'HELD');
    }

    async function statuses(): Promise<number[]> {
      return Promise.all(urls.map(async url => (await fetch(url)).status));
    }

    test('is decided on anew, for all of it', async () => {
      await interrupted();
      const digest = await digestOfItems(id);
      await decide(id, '--approve', '--why', 'Still fine.', ...BY);
      const published = await alien.reaches(id, 'PUBLISHED');
      expect(await fetchManifest(published.manifest_url)).toHaveLength(12);
      expect((await decisions(id)).at(-1)).toMatchObject({
        action: 'approve',
        items_digest: digest
      });
    });

    test('is taken down whole once rejected', async () => {
      await interrupted();
      expect(new Set(await statuses())).toEqual(new Set([200]));
      await decide(id, '--reject', '--why', 'No more.', ...BY);
      const rejected = await alien.show(id);
      expect(rejected).toMatchObject({ state: 'REJECTED', counts: { published: 0, held: 0 } });
      expect(new Set(await statuses())).toEqual(new Set([410]));
    });

    test('has nothing public while it is held again, where it had to take everything back', async () => {
      await interrupted({ discard: true });
      expect(new Set(await statuses())).toEqual(new Set([404]));
      expect((await alien.show(id)).counts).toMatchObject({ held: 12, published: 0 });
    });
  });
});

describe('the command', () => {
  const ID = '00000000-0000-4000-8000-000000000000';

  test.each([
    ['no verdict', [ID, '--why', 'x', ...BY], 'Say --approve or --reject.'],
    ['two verdicts', [ID, '--approve', '--reject', '--why', 'x', ...BY], 'cannot be used with'],
    ['no reason', [ID, '--approve', ...BY], '--why'],
    ['an empty reason', [ID, '--approve', '--why', ' ', ...BY], 'Say why'],
    ['a bot', [ID, '--approve', '--why', 'x', '--by', 'bot-dashboard'], 'no person’s username'],
    [
      'a name that nobody can have',
      [ID, '--approve', '--why', 'x', '--by', '../x'],
      'no person’s username'
    ],
    ['what is no id', ['x', '--approve', '--why', 'x', ...BY], 'no id of an export'],
    ['an export that is not there', [ID, '--approve', '--why', 'x', ...BY], 'There is no export']
  ])('refuses %s, and says so', async (_what, args, words) => {
    const { said, status } = await decide(...args);
    expect(status).not.toBe(0);
    expect(said).toContain(words);
    expect(said).not.toMatch(/\n\s+at /);
  });
});
