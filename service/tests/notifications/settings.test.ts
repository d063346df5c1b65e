import { expect, test } from 'vitest';
import { checkSettings } from '../../src/config.ts';

const SEMAPHORE = { url: 'https://data.example.org', token_file: '/etc/epo-export/semaphore' };

function settingsOf(semaphore: unknown) {
  return checkSettings({
    data_dir: '/srv/epo-export',
    identity: { mode: 'local', tokens_file: '/srv/tokens.json' },
    repositories: [],
    butler_command: ['python'],
    semaphore
  });
}

test('Semaphore needs an address and a token’s file, and may be left out', () => {
  expect(settingsOf(SEMAPHORE).semaphore).toEqual({
    ...SEMAPHORE,
    bot: 'bot-epo-export',
    retry_seconds: 30
  });
  expect(settingsOf(undefined).semaphore).toBeUndefined();
});

test.each([
  ['no token', { url: SEMAPHORE.url }, '/semaphore'],
  ['a sender that is no bot', { ...SEMAPHORE, bot: 'alien' }, '/semaphore/bot'],
  ['a setting too many', { ...SEMAPHORE, token: 'gt-x' }, '/semaphore'],
  ['no patience', { ...SEMAPHORE, retry_seconds: 0 }, '/semaphore/retry_seconds'],
  ['an address without TLS', { ...SEMAPHORE, url: 'http://data.example.org' }, '/semaphore/url'],
  ['an address with a path', { ...SEMAPHORE, url: 'https://data.example.org/x' }, '/semaphore/url']
])('%s is refused, by its place', (_, semaphore, place) => {
  expect(() => settingsOf(semaphore)).toThrow(place);
});
