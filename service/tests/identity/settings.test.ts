import { describe, expect, test } from 'vitest';
import { checkSettings } from '../../src/config.ts';

const IDENTITY = {
  mode: 'gafaelfawr',
  gafaelfawr_url: 'https://data.example.org',
  reviewers_group: 'g_reviewers',
  operators_group: 'g_operators'
};

function settingsOf(identity: unknown) {
  return checkSettings({
    data_dir: '/srv/epo-export',
    host: '0.0.0.0',
    identity,
    repositories: [],
    butler_command: ['python']
  });
}

describe('settings of identity behind Gafaelfawr', () => {
  test('need four, and have defaults for the rest', () => {
    expect(settingsOf(IDENTITY).identity).toEqual({
      ...IDENTITY,
      service: 'epo-export',
      headers: {
        user: 'x-auth-request-user',
        email: 'x-auth-request-email',
        service: 'x-auth-request-service',
        token: 'x-auth-request-token'
      },
      cache_seconds: 300,
      acting_bots: []
    });
  });

  test.each([
    ['no identity', undefined, '/identity'],
    ['an unknown mode', { ...IDENTITY, mode: 'none' }, '/identity/mode'],
    ['no group of operators', { ...IDENTITY, operators_group: undefined }, '/identity'],
    ['a setting too many', { ...IDENTITY, trust_headers: true }, '/identity'],
    ['a cache of an hour', { ...IDENTITY, cache_seconds: 3600 }, '/identity/cache_seconds'],
    [
      'a header in capitals',
      { ...IDENTITY, headers: { user: 'X-User' } },
      '/identity/headers/user'
    ],
    ['a bot that is no name', { ...IDENTITY, acting_bots: ['../x'] }, '/identity/acting_bots/0'],
    ['no address', { ...IDENTITY, gafaelfawr_url: 'data' }, '/identity/gafaelfawr_url'],
    [
      'an address without TLS',
      { ...IDENTITY, gafaelfawr_url: 'http://data.example.org' },
      '/identity/gafaelfawr_url'
    ],
    [
      'an address with a path',
      { ...IDENTITY, gafaelfawr_url: 'https://data.example.org/x' },
      '/identity/gafaelfawr_url'
    ],
    [
      'an address with a password',
      { ...IDENTITY, gafaelfawr_url: 'https://a:b@data.example.org' },
      '/identity/gafaelfawr_url'
    ]
  ])('%s: refused, by its name', (_what, identity, name) => {
    expect(() => settingsOf(identity)).toThrow(`Setting ${name}`);
  });

  test('the mode of one machine listens on loopback alone', () => {
    expect(() => settingsOf({ mode: 'local', tokens_file: '/x' })).toThrow('must be loopback');
  });
});
