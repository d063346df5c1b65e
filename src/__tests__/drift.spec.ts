/** What stands in two places must say the same in both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import schema from '../../schema/plugin.json';
import { OWN_TYPES, problemOf } from '../api/problem';
import { ENGLISH } from '../components/translation';
import { wordsFor } from '../components/problem-words';
import { DEFAULT_SETTINGS, settingsCheck } from '../model/settings';

/** Types that the panel only sees through a bug of its own, or while it waits. */
const OURS_ALONE = new Set([
  'bad_request',
  'not_found',
  'method_not_allowed',
  'not_forwarded',
  'butler_starting'
]);

it('the defaults of the settings are those that the settings editor shows', () => {
  const shown = Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [name, property.default])
  );
  expect(settingsCheck(shown, 'settings')).toEqual(DEFAULT_SETTINGS);
});

describe('each problem that the lab can have, has a name of its own', () => {
  /** The first column of the table of errors. */
  const documented = readFileSync(join(__dirname, '../../docs/lab-routes.md'), 'utf8')
    .split('\n')
    .flatMap(line => /^\| `(\w+)`/.exec(line)?.[1] ?? [])
    .filter(type => !OURS_ALONE.has(type));
  const unnamed = new Set([
    wordsFor(problemOf('unheard_of', '', 404), ENGLISH).title,
    wordsFor(problemOf('unheard_of', '', 500), ENGLISH).title
  ]);

  it('so the table was read', () => {
    expect(documented).toContain('butler_died');
  });

  it.each([...documented, ...Object.values(OWN_TYPES)])('%s', type => {
    expect(unnamed).not.toContain(wordsFor(problemOf(type), ENGLISH).title);
  });
});
