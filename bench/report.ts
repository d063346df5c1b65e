/** The benchmark's table, in Markdown. */
import type { BridgeMeasured } from './bridge.ts';
import type { Measured } from './contenders.ts';
import type { ServiceMeasured } from './service.ts';
import { spread, type Spread } from './statistics.ts';

/** One run: every contender once, so that ratios compare what ran side by side. */
export interface Round {
  readonly bare: Measured;
  readonly service: ServiceMeasured;
  readonly plain: Measured;
}

export interface Results {
  readonly date: Date;
  readonly machine: string;
  readonly versions: string;
  readonly cutouts: number;
  readonly megabytes: number;
  readonly rounds: readonly Round[];
  readonly bridges: readonly BridgeMeasured[];
  /** What `images.ts` printed. */
  readonly imageChecks: string;
}

const MIB = 1024 * 1024;

export function report(results: Results): string {
  const { rounds, bridges } = results;
  const seconds = (of: (round: Round) => number) => inSeconds(spread(rounds.map(of)));
  const ratio = (of: (round: Round) => number) => plain(spread(rounds.map(of)), 2);
  return [
    '# Benchmark',
    '',
    `${results.date.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${results.machine}; ${results.versions}.`,
    '',
    `${results.cutouts} cutouts of 256×256 RGB, ${results.megabytes.toFixed(0)} MB in all, in one RUN of a Butler repository (SQLite). Runs: ${rounds.length}, ` +
      'each with every contender once, in turn first. All read the same files, warm in the page cache, and write to the same disk, which is synced before each. ' +
      'The service is up before its clock starts; the clock runs from the POST of the export to PUBLISHED, every check on. Medians, with the range of the runs; ratios are taken within a run.',
    '',
    ...table(
      ['', 'median', 'range', 'aim'],
      [
        ['bare `butler retrieve-artifacts --transfer copy`', ...seconds(r => r.bare.seconds), ''],
        ['plain script: retrieve, Pillow, copy, manifest', ...seconds(r => r.plain.seconds), ''],
        ['**the service: submitted to PUBLISHED**', ...seconds(r => r.service.seconds), ''],
        ['**service / bare**', ...ratio(r => r.service.seconds / r.bare.seconds), '1.00 or less'],
        [
          '**plain script / service**',
          ...ratio(r => r.plain.seconds / r.service.seconds),
          '3.00 or more'
        ],
        ['bridge: start, repository opened', ...inSeconds(spread(bridges.map(b => b.start))), ''],
        [
          `bridge: full list of ${results.cutouts}`,
          ...inSeconds(spread(bridges.map(b => b.list))),
          'under 0.50 s'
        ],
        [
          'bridge: a page of 100, warm (median of a start)',
          ...milliseconds(spread(bridges.map(b => spread(b.pages).median))),
          'under 20 ms'
        ]
      ]
    ),
    '',
    '## How long the export stood in each state',
    '',
    ...table(
      ['state', 'median', 'range'],
      rows(rounds, r => r.service.states, inSeconds)
    ),
    '',
    '## Processor seconds by stage',
    '',
    'As the worker and its checkers count them. `read` to `write` are the checkers’; the worker’s own overlap, for its steps wait for the disk beside each other.',
    '',
    ...table(
      ['stage', 'median', 'range'],
      rows(rounds, r => r.service.stages, inSeconds)
    ),
    '',
    '## By process',
    '',
    'Peak is the largest VmHWM of any one process of the kind (of PostgreSQL with its shared memory); the aim is under 350 MB each.',
    '',
    ...table(['process', 'processor, median', 'range', 'peak memory, most'], processes(rounds)),
    '',
    '## Image checks',
    '',
    '```',
    results.imageChecks.trim(),
    '```',
    ''
  ].join('\n');
}

function processes(rounds: readonly Round[]): string[][] {
  const all = rounds.map(
    ({ bare, plain: script, service }) =>
      new Map([...bare.usage, ...script.usage, ...service.usage])
  );
  return namesOf(all).map(name => [
    name,
    ...inSeconds(spread(all.map(usage => usage.get(name)?.cpuSeconds ?? 0))),
    `${(Math.max(...all.map(usage => usage.get(name)?.peakBytes ?? 0)) / MIB).toFixed(0)} MB`
  ]);
}

function rows(
  rounds: readonly Round[],
  of: (round: Round) => ReadonlyMap<string, number>,
  format: (values: Spread) => string[]
): string[][] {
  const all = rounds.map(of);
  return namesOf(all).map(name => [name, ...format(spread(all.map(map => map.get(name) ?? 0)))]);
}

function namesOf(maps: readonly ReadonlyMap<string, unknown>[]): string[] {
  return [...new Set(maps.flatMap(map => [...map.keys()]))];
}

function inSeconds(values: Spread): string[] {
  return plain(values, 2, ' s');
}

function milliseconds(values: Spread): string[] {
  return plain(values, 1, ' ms');
}

function plain({ median, least, most }: Spread, digits: number, unit = ''): string[] {
  const [a, b, c] = [median, least, most].map(value => value.toFixed(digits));
  return [`${a}${unit}`, `${b} to ${c}${unit}`];
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...body.map(row => row[column]?.length ?? 0))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [
    line(head),
    `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`,
    ...body.map(line)
  ];
}
