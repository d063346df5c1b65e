/** What PIs are told through Semaphore: each thing once, whoever dies or does not answer. */
import { writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SemaphoreStandIn } from '../../stand-ins/semaphore.ts';
import { NotificationList } from '../../src/notifications/schemas.ts';
import { bodyOf, Client, errorOf } from '../support/client.ts';
import { fail } from '../support/fail.ts';
import { startService, type TestService } from '../support/service.ts';
import { until } from '../support/until.ts';

const TOKEN = 'gt-AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA';
const directory = mkdtempSync(join(tmpdir(), 'epo-semaphore-'));
const tokenFile = join(directory, 'token');

let semaphore: SemaphoreStandIn;
let service: TestService;
let alien: Client;

beforeAll(async () => {
  semaphore = await SemaphoreStandIn.start(new Map([[TOKEN, 'bot-epo-export']]));
  await writeFile(tokenFile, `${TOKEN}\n`);
  service = await startService({
    semaphore: { url: semaphore.url, token_file: tokenFile, retry_seconds: 3 }
  });
  alien = new Client(service, 'alien');
});
afterAll(async () => {
  await service?.close();
  await semaphore?.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  semaphore.mood = 'well';
});

/** What arrived of an export, oldest first. */
function arrived(id: string) {
  return semaphore.sent.filter(({ body }) => body?.includes(id));
}

async function waiting(id: string): Promise<number> {
  const rows = await service.database.query(
    'SELECT FROM notifications WHERE export_id = $1 AND sent IS NULL',
    [id]
  );
  return rows.length;
}

async function allSent(id: string): Promise<void> {
  await until('the outbox is empty', async () => (await waiting(id)) === 0);
}

describe('a PI', () => {
  test('is told that an export is public, and then that the files can be removed', async () => {
    const { id, manifest_url } = await alien.publish('u/alien/story', { subject_set: 'My set' });
    await allSent(id);
    const told = arrived(id);
    expect(told.map(({ recipient, sender, summary }) => [recipient, sender, summary])).toEqual([
      ['alien', 'bot-epo-export', 'Your export “My set” is public'],
      [
        'alien',
        'bot-epo-export',
        'Your files of “My set” have been retrieved and verified, and can be removed'
      ]
    ]);
    expect(told[0]?.body).toContain(`<${manifest_url}>`);
    expect(told[1]?.body).toContain('cleaned derivative');
  });

  test('is told why an export stopped, again at each try, and nothing of what they did themselves', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/story');
    await fail(service, id);
    await alien.call('POST', `/exports/${id}/retry`);
    await fail(service, id);
    await alien.call('POST', `/exports/${id}/cancel`);
    await service.startWorker();
    await allSent(id);
    expect(arrived(id).map(({ summary }) => summary)).toEqual([
      'Your export “a set” stopped',
      'Your export “a set” stopped'
    ]);
    expect(arrived(id)[0]?.body).toContain('A test says so\\.');
  });

  test('reads what they wrote as text, whatever it looks like', async () => {
    const { id } = await alien.publish('u/alien/story', {
      subject_set: '[x](javascript:a) <img src=x> **b** `c`'
    });
    await allSent(id);
    expect(arrived(id)[0]?.summary).toBe(
      'Your export “\\[x\\]\\(javascript\\:a\\) \\<img src\\=x\\> \\*\\*b\\*\\* \\`c\\`” is public'
    );
  });
});

describe('each message arrives once', () => {
  test('where the worker dies between Semaphore’s answer and its own note of it', async () => {
    await service.stopWorker();
    const id = await alien.begin('u/alien/story');
    await fail(service, id);
    await service.runWorkerUntil('notify.sent');
    expect([arrived(id).length, await waiting(id)]).toEqual([1, 1]);
    await service.startWorker();
    await allSent(id);
    expect(arrived(id)).toHaveLength(1);
    const [row] = await service.database.query('SELECT * FROM notifications WHERE export_id = $1', [
      id
    ]);
    expect(row).toMatchObject({ tries: 2, semaphore_id: arrived(id)[0]?.id }); // the second try looked, and found it
  });

  test('where Semaphore takes it and does not say so', async () => {
    semaphore.mood = 'deaf';
    const { id } = await alien.publish('u/alien/story');
    await until('something arrived', () => arrived(id).length > 0);
    await until('it was given up', async () =>
      (await service.log()).includes('Semaphore did not take a notification')
    );
    semaphore.mood = 'well';
    await allSent(id);
    expect(arrived(id).map(({ summary }) => summary.includes('removed'))).toEqual([false, true]);
  });

  test('where Semaphore is away: it waits, and the export does not', async () => {
    semaphore.mood = 'broken';
    const { id } = await alien.publish('u/alien/story');
    expect(arrived(id)).toEqual([]);
    semaphore.mood = 'well';
    await allSent(id);
    expect(arrived(id)).toHaveLength(2);
  });

  test('where the bot’s token is another, or none, until it is right', async () => {
    await writeFile(tokenFile, 'gt-BBBBBBBBBBBBBBBBBBBBBB.BBBBBBBBBBBBBBBBBBBBBB');
    const { id } = await alien.publish('u/alien/story');
    await until('it was tried', async () => {
      const rows = await service.database.query(
        'SELECT FROM notifications WHERE export_id = $1 AND tries > 0',
        [id]
      );
      return rows.length > 0;
    });
    expect(arrived(id)).toEqual([]);
    await writeFile(tokenFile, TOKEN);
    await allSent(id);
    expect(arrived(id)).toHaveLength(2);
    expect(await service.log()).not.toContain('gt-');
  });
});

test('where nobody set Semaphore, the outbox keeps it, and the PI reads it here', async () => {
  const quiet = await startService();
  try {
    const pi = new Client(quiet, 'alien');
    const { id, counts, manifest_url } = await pi.publish('u/alien/story', {
      subject_set: '[x](javascript:a) **b**'
    });
    const rows = await quiet.database.query(
      'SELECT event, tries FROM notifications WHERE export_id = $1 ORDER BY id',
      [id]
    );
    expect(rows).toEqual([
      { event: 'published', tries: 0 },
      { event: 'removable', tries: 0 }
    ]);

    const told = await read(pi);
    expect(told.notifications.map(({ event, export_id }) => [event, export_id])).toEqual([
      ['removable', id],
      ['published', id]
    ]);
    expect(told.notifications[1]).toMatchObject({
      summary: 'Your export “[x](javascript:a) **b**” is public',
      text: `All ${counts.total} items are published.\n\nIts manifest for the Zooniverse: ${manifest_url}`
    });

    const first = await read(pi, '?limit=1');
    const second = await read(pi, `?limit=1&cursor=${first.next_cursor}`);
    expect([...first.notifications, ...second.notifications]).toEqual(told.notifications);
    expect([told.next_cursor, second.next_cursor]).toEqual([null, null]);

    expect((await read(new Client(quiet, 'mallory'))).notifications).toEqual([]);
    expect(errorOf(await pi.call('GET', '/notifications?cursor=bm8'))).toEqual([422, 'invalid']);
  } finally {
    await quiet.close();
  }
});

async function read(client: Client, query = '') {
  return bodyOf(await client.call('GET', `/notifications${query}`), 200, NotificationList);
}
