/**
 * What we send to Semaphore and rely on, and what its stand-in answers, against Semaphore's models: transcribed from
 * `semaphore:src/semaphore/models/notification.py` (MIT licence; commit c612798), since it publishes no OpenAPI file.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Compile } from 'typebox/schema';
import Value from 'typebox/value';
import { SemaphoreClient, SemaphoreError, Sent } from '../../src/notifications/semaphore-client.ts';
import published from '../../stand-ins/semaphore.schemas.json' with { type: 'json' };
import { SemaphoreStandIn } from '../../stand-ins/semaphore.ts';

const TOKEN = 'gt-CCCCCCCCCCCCCCCCCCCCCC.CCCCCCCCCCCCCCCCCCCCCC';
const BOT = 'bot-epo-export';
const created = Compile(published.UserNotificationWithUrl);
const directory = mkdtempSync(join(tmpdir(), 'epo-semaphore-contract-'));
const tokenFile = join(directory, 'token');
writeFileSync(tokenFile, TOKEN);

let semaphore: SemaphoreStandIn;
let client: SemaphoreClient;

beforeAll(async () => {
  semaphore = await SemaphoreStandIn.start(new Map([[TOKEN, BOT]]));
  client = new SemaphoreClient({
    url: semaphore.url,
    bot: BOT,
    token_file: tokenFile,
    retry_seconds: 30
  });
});
afterAll(async () => {
  await client?.close();
  await semaphore?.close();
  rmSync(directory, { recursive: true });
});

async function ask(path: string, token: string, body?: unknown) {
  const response = await fetch(`${semaphore.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) })
  });
  return { response, content: (await response.json()) as unknown };
}

const ROUTE = `/semaphore/v1/services/${BOT}/notifications`;

describe('what we rely on', () => {
  test.each([
    ['all of it', { body: 'More.', read: '2026-06-13T14:45:12Z' }],
    ['its nulls', { body: null, read: null }]
  ])('is in every answer that the models allow: %s', (_, more) => {
    const answer = {
      id: '4561-a7513',
      created: '2026-06-12T17:10:32Z',
      sender: BOT,
      recipient: 'some-user',
      summary: 'A line',
      url: `https://data.example.com${ROUTE}/4561-a7513`,
      ...more
    };
    expect(created.Check(answer)).toBe(true);
    expect(Value.Check(Sent, answer)).toBe(true);
  });
});

describe('the stand-in', () => {
  test('answers what the models say, to what they say', async () => {
    const sent = { recipient: 'alien', summary: 'A line', body: 'More.' };
    expect(Compile(published.CreateUserNotification).Check(sent)).toBe(true);
    const { response, content } = await ask(ROUTE, TOKEN, sent);
    expect(response.status).toBe(200);
    expect(created.Check(content)).toBe(true);
    expect(content).toMatchObject({ ...sent, sender: BOT, read: null });
    expect(response.headers.get('location')).toBe((content as { url: string }).url);
    const listed = await ask(`${ROUTE}?recipient=alien`, TOKEN);
    expect(listed.content).toEqual([content]);
  });

  test.each([
    ['no recipient', { summary: 'A line' }],
    ['a body that is no text', { recipient: 'alien', summary: 'A line', body: 4 }]
  ])('refuses what they do not allow: %s', async (_, sent) => {
    expect(Compile(published.CreateUserNotification).Check(sent)).toBe(false);
    expect((await ask(ROUTE, TOKEN, sent)).response.status).toBe(422);
  });

  test('lets a bot speak for itself alone', async () => {
    const other = '/semaphore/v1/services/bot-other/notifications';
    const sent = { recipient: 'alien', summary: 'A line' };
    expect((await ask(other, TOKEN, sent)).response.status).toBe(403);
    expect((await ask(ROUTE, 'gt-unknown', sent)).response.status).toBe(401);
  });
});

describe('our client', () => {
  test('sends, and finds what it sent', async () => {
    const before = new Date();
    const id = await client.send('other', { summary: 'Found again', body: 'Its mark' });
    const found = await client.list('other', new Date(before.getTime() - 2_000));
    expect(found.map(one => [one.id, one.body])).toEqual([[id, 'Its mark']]);
  });

  test('says that a message was not taken', async () => {
    semaphore.mood = 'broken';
    await expect(client.send('other', { summary: 'Lost', body: '' })).rejects.toThrow(
      SemaphoreError
    );
    semaphore.mood = 'well';
  });
});
