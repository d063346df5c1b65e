/**
 * The benchmark: `node bench/run.ts [--quick]`, `--help` for the rest. Prints a table, and writes it to
 * `bench/results.md` when it is of the full set.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBridge, type BridgeMeasured } from './bridge.ts';
import { bareRetrieve, plainScript } from './contenders.ts';
import { cutoutSet, RUN, type CutoutSet } from './cutout-set.ts';
import { machine, versions } from './machine.ts';
import { removeScratch, start, type Place } from './place.ts';
import { report, type Round } from './report.ts';
import { exportAll } from './service.ts';

const FULL = 10_000;
const QUICK = 1_000;

const HELP = `node bench/run.ts [options]

  --quick           ${QUICK} cutouts, one run, no results.md: whether all works, not how fast
  --cutouts COUNT   how many cutouts (${FULL})
  --runs COUNT      how often, each contender in turn (3)
  --python PATH     an interpreter with lsst.daf.butler and Pillow, and \`butler\` beside it (.venv/stack/bin/python)
  --service-only    the service alone, without ratios
  --cpu-prof DIR    write CPU profiles of the service's processes there; they cost speed
  --log FILE        write the service's log there (LOG_LEVEL=debug in the environment has it tell of each job)
  --help            this text

The set is made once, in .bench/, and takes 60 KB a cutout; each run needs four times as much there until all end.
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    cutouts: { type: 'string' },
    runs: { type: 'string' },
    python: { type: 'string' },
    'service-only': { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    log: { type: 'string' },
    help: { type: 'boolean', default: false }
  }
});

if (options.help) {
  process.stdout.write(HELP);
} else {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop.abort(new Error('stopped')));
  }
  try {
    await main(stop.signal);
  } catch (error) {
    process.exitCode = 1;
    say(stop.signal.aborted ? 'stopped; nothing was left behind' : String(error));
  }
}

async function main(stopped: AbortSignal): Promise<void> {
  const root = resolve(import.meta.dirname, '..');
  const place: Place = {
    root,
    directory: join(root, '.bench'),
    python: resolve(options.python ?? join(root, '.venv/stack/bin/python')),
    stopped
  };
  const count = number('cutouts', options.quick ? QUICK : FULL);
  const runs = number('runs', options.quick ? 1 : 3);
  try {
    await measure(place, await cutoutSet(place, count, say), runs);
  } finally {
    removeScratch(place);
  }
}

async function measure(place: Place, set: CutoutSet, runs: number): Promise<void> {
  const megabytes = warm(set) / 1e6;
  if (options['service-only']) {
    for (let run = 1; run <= runs; run += 1) {
      say(JSON.stringify(await exportOnce(place, set), plainObjects, 1));
    }
    return;
  }
  const rounds: Round[] = [];
  const bridges: BridgeMeasured[] = [];
  for (let run = 1; run <= runs; run += 1) {
    say(`run ${run} of ${runs}`);
    rounds.push(await round(place, set, run));
    bridges.push(await measureBridge(place, set));
  }
  say('image checks');
  const images = join(import.meta.dirname, 'images.ts');
  const text = report({
    date: new Date(),
    machine: machine(),
    versions: await versions(place),
    cutouts: set.count,
    megabytes,
    rounds,
    bridges,
    imageChecks: await start(place, process.execPath, [images, options.quick ? '400' : '4000'])
      .ended
  });
  process.stdout.write(text);
  if (set.count === FULL) {
    writeFileSync(join(import.meta.dirname, 'results.md'), text);
  }
}

/** Every contender once. Which comes first changes from run to run, as a disk has its moods. */
async function round(place: Place, set: CutoutSet, run: number): Promise<Round> {
  const found: { -readonly [Contender in keyof Round]?: Round[Contender] } = {};
  const contenders = [
    async () => (found.bare = await alone(place, 'bare retrieve', () => bareRetrieve(place, set))),
    async () => (found.service = await exportOnce(place, set)),
    async () => (found.plain = await alone(place, 'plain script', () => plainScript(place, set)))
  ];
  for (const turn of contenders.keys()) {
    await contenders[(turn + run - 1) % contenders.length]?.();
  }
  const { bare, service, plain } = found;
  if (!bare || !service || !plain) {
    throw new Error('A contender did not run.');
  }
  return { bare, service, plain };
}

async function exportOnce(place: Place, set: CutoutSet) {
  return alone(place, 'service', () =>
    exportAll(place, set, { profiles: options['cpu-prof'], log: options.log })
  );
}

/** Runs `contend` when the disk has written what the one before left to it. */
async function alone<T extends { readonly seconds: number }>(
  place: Place,
  name: string,
  contend: () => Promise<T>
): Promise<T> {
  await start(place, 'sync', []).ended;
  const measured = await contend();
  say(`  ${name}: ${measured.seconds.toFixed(2)} s`);
  return measured;
}

/** Reads the set, so that the first contender finds it in memory as the others do. @returns its size in bytes */
function warm(set: CutoutSet): number {
  const files = readdirSync(join(set.repository, RUN), { recursive: true, encoding: 'utf8' });
  return files
    .map(file => join(set.repository, RUN, file))
    .filter(path => statSync(path).isFile())
    .reduce((sum, path) => sum + readFileSync(path).length, 0);
}

function number(name: 'cutouts' | 'runs', otherwise: number): number {
  const value = Number(options[name] ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name} is a number from 1`);
  }
  return value;
}

function plainObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries<unknown>(value) : value;
}

/** To standard error: standard output has the table alone. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
