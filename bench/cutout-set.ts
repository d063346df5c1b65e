/** The set that all contenders copy: made once, kept in the checkout. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment, start, type Place } from './place.ts';

/** As `make_set.py` names them. */
export const RUN = 'u/alien/bench-1';
export const DATASET_TYPE = 'zooniverse_cutout';

export interface CutoutSet {
  /** The Butler repository that holds it. */
  readonly repository: string;
  readonly count: number;
}

export async function cutoutSet(
  place: Place,
  count: number,
  say: (text: string) => void
): Promise<CutoutSet> {
  const repository = join(place.directory, `set-${count}`);
  if (!existsSync(join(repository, 'butler.yaml'))) {
    say(`making ${count} cutouts in ${repository}, once; 10,000 take a minute and a half …`);
    const program = join(import.meta.dirname, 'make_set.py');
    const args = [program, repository, String(count)];
    say((await start(place, place.python, args, pythonEnvironment(place)).ended).trim());
  }
  return { repository, count };
}

/** @returns whether both are on one file system */
export function onOneDisk(one: string, other: string): boolean {
  return statSync(one).dev === statSync(other).dev;
}
