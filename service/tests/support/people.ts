/** Who calls, in the tests. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const uid = process.getuid?.() ?? 0;

/** Files in the test's repository belong to who runs the tests, so that is whose uid everybody has but the guest. */
const PEOPLE = {
  alien: { uid, groups: ['galaxies'] },
  other: { uid, groups: ['galaxies'] },
  mallory: { uid, groups: [] },
  guest: { uid: uid + 4242, groups: [] }
} as const;

export type Person = keyof typeof PEOPLE;

export function tokenOf(person: Person): string {
  return `${person}-token-0123456789`;
}

/** @returns the path of a token file in which all of them are */
export async function tokensFile(directory: string): Promise<string> {
  const path = join(directory, 'tokens.json');
  const tokens = Object.entries(PEOPLE).map(([username, { uid, groups }]) => ({
    token: `${username}-token-0123456789`,
    username,
    uid,
    groups,
    roles: ['pi']
  }));
  await writeFile(path, JSON.stringify({ tokens }), { mode: 0o600 });
  return path;
}
