/** The Butler's own command line, beside which the export must stand. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY, STACK } from './places.ts';

const run = promisify(execFile);

/** `butler retrieve-artifacts` of one collection. */
export async function retrieveArtifacts(
  collection: string,
  datasetType: string,
  directory: string
): Promise<void> {
  await run(join(STACK, 'butler'), [
    'retrieve-artifacts',
    REPOSITORY,
    `${directory}/`,
    ...['--collections', collection],
    ...['--dataset-type', datasetType],
    ...['--transfer', 'copy'],
    ...['--limit', '0']
  ]);
}

/** The names of all collections that begin so, by `butler query-collections`. */
export async function collectionsBelow(prefix: string): Promise<readonly string[]> {
  const { stdout } = await run(join(STACK, 'butler'), [
    'query-collections',
    REPOSITORY,
    `${prefix}*`,
    ...['--chains', 'NO-CHILDREN']
  ]);
  return [...stdout.matchAll(/^\s*(\S+)\s+(?:RUN|CHAINED|TAGGED)\s*$/gm)].map(
    ([, name = '']) => name
  );
}

/** `butler prune-datasets`: datasets of one type leave a run for good. */
export async function pruneDatasets(from: string, datasetType: string): Promise<void> {
  await run(join(STACK, 'butler'), [
    'prune-datasets',
    REPOSITORY,
    from,
    ...['--datasets', datasetType],
    ...['--purge', from],
    '--no-confirm'
  ]);
}

interface Comparison {
  readonly equal: number;
  /** The UUIDs of datasets whose pixels differ. */
  readonly different: readonly unknown[];
}

/** Compares pixels; see `compare_pixels.py`. */
export async function comparePixels(
  published: string,
  retrieved: string,
  crosswalk: string
): Promise<Comparison> {
  const program = join(import.meta.dirname, 'compare_pixels.py');
  const { stdout } = await run(join(STACK, 'python'), [program, published, retrieved, crosswalk]);
  const said: unknown = JSON.parse(stdout);
  if (
    typeof said === 'object' &&
    said !== null &&
    'equal' in said &&
    typeof said.equal === 'number' &&
    'different' in said &&
    Array.isArray(said.different)
  ) {
    return { equal: said.equal, different: said.different };
  }
  throw new Error(`compare_pixels.py said ${stdout}`);
}
