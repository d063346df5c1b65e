/** The check that no log of the tests holds a token can find one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { searchForTokens, secretsOf } from '../../.ci/tokens.ts';

const directory = mkdtempSync(join(tmpdir(), 'epo-tokens-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('tokens and secrets are found in any file below, by file and line, and are not shown', () => {
  mkdirSync(join(directory, 'logs'));
  const token = `gt-${'a'.repeat(22)}.${'b'.repeat(22)}`;
  writeFileSync(join(directory, 'logs', 'one.log'), `fine\n{"authorization":"Bearer ${token}"}\n`);
  writeFileSync(join(directory, 'two'), 'alien-token-0123456789');
  writeFileSync(join(directory, 'three'), 'the demo’s 0f1e2d');
  writeFileSync(
    join(directory, 'four'),
    'gt-short, and the key gt-aaaaaaaaaaaaaaaaaaaaaa of a token'
  );
  writeFileSync(join(directory, 'secrets.json'), JSON.stringify({ lab: 'fine', alien: '0f1e2d' }));
  const { files, found } = searchForTokens([directory, '/nowhere'], secretsOf(directory));
  expect(files).toBe(5);
  expect(found.map(place => place.slice(directory.length)).toSorted()).toEqual([
    '/logs/one.log:2',
    '/secrets.json:1',
    '/three:1',
    '/two:1'
  ]);
});
