/** Whether a token of the tests stands in a log or report of the run: none may, whatever went wrong. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The RSP's, whole; and what the tests' users have where identity is a file. */
const FORMS = [/\bgt-[\w-]{22}\.[\w-]{22}/, /\b(?:alien|other|mallory|guest)-token-0123456789\b/];

export interface Search {
  /** How many files were looked through. */
  readonly files: number;
  /** Each line with a token: file and number, never the line. */
  readonly found: readonly string[];
}

/**
 * @param directories - one that is not there has nothing in it
 * @param secrets - more texts that may not be anywhere
 */
export function searchForTokens(
  directories: readonly string[],
  secrets: readonly string[]
): Search {
  const files = directories.filter(existsSync).flatMap(directory =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
  );
  const holds = (line: string) =>
    FORMS.some(form => form.test(line)) || secrets.some(secret => line.includes(secret));
  const found = files.flatMap(file =>
    readFileSync(file, 'latin1')
      .split('\n')
      .flatMap((line, index) => (holds(line) ? [`${file}:${index + 1}`] : []))
  );
  return { files: files.length, found };
}

/** The secrets of the browser tests' demo, which are made anew for each run, but for the lab's: that is in the address which the demo prints. */
export function secretsOf(demo: string): readonly string[] {
  const file = join(demo, 'secrets.json');
  const known: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return Object.entries(typeof known === 'object' && known ? known : {}).flatMap(
    ([name, secret]) => (typeof secret === 'string' && name !== 'lab' ? [secret] : [])
  );
}
