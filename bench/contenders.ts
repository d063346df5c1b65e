/** What the service is measured against: the same set, copied on the same disk. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATASET_TYPE, RUN, type CutoutSet } from './cutout-set.ts';
import { pythonEnvironment, scratch, start, type Place } from './place.ts';
import { ProcessWatch, type Usage } from './process-watch.ts';

export interface Measured {
  readonly seconds: number;
  readonly usage: ReadonlyMap<string, Usage>;
}

/** `butler retrieve-artifacts`: a bare copy, nothing checked, nothing synced. */
export async function bareRetrieve(place: Place, set: CutoutSet): Promise<Measured> {
  const copy = join(scratch(place, 'bare'), 'copy');
  const measured = await measure(place, 'butler', join(dirname(place.python), 'butler'), [
    'retrieve-artifacts',
    ...['--transfer', 'copy'],
    ...['--limit', '0'], // by default it stops at 20,000
    ...['--collections', RUN],
    ...['--dataset-type', DATASET_TYPE],
    set.repository,
    `${copy}/` // without the slash it is no directory to the Butler
  ]);
  requireAll(set, readdirSync(copy, { recursive: true, encoding: 'utf8' }));
  return measured;
}

/** `plain_script.py`: retrieve, verify with Pillow, copy, manifest. */
export async function plainScript(place: Place, set: CutoutSet): Promise<Measured> {
  const destination = scratch(place, 'plain');
  const program = join(import.meta.dirname, 'plain_script.py');
  const args = [program, set.repository, RUN, destination];
  const measured = await measure(place, 'plain script', place.python, args);
  requireAll(set, readdirSync(join(destination, 'public')));
  return measured;
}

async function measure(
  place: Place,
  name: string,
  program: string,
  args: readonly string[]
): Promise<Measured> {
  const began = performance.now();
  const { child, ended } = start(place, program, args, pythonEnvironment(place));
  const watch = new ProcessWatch(
    () => (child.pid === undefined ? [] : [child.pid]),
    () => name
  );
  const seconds = await ended
    .then(() => (performance.now() - began) / 1000)
    .finally(() => watch.stop());
  return { seconds, usage: watch.usage() };
}

function requireAll(set: CutoutSet, files: readonly string[]): void {
  const images = files.filter(file => file.endsWith('.png')).length;
  if (images !== set.count) {
    throw new Error(`${images} of ${set.count} cutouts arrived.`);
  }
}
