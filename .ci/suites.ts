/**
 * Every check of the repository, independent ones side by side, and one line at the end: `N passed, N failed`.
 * `node .ci/suites.ts [NAME …]` runs those named. A suite that cannot start, or reports no test, has failed.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { count, type Counts } from './counts.ts';
import { searchForTokens, secretsOf } from './tokens.ts';

interface Suite {
  readonly name: string;
  /** A command line for bash, from the root of the checkout. */
  readonly command: string;
  /** The report that it writes, or `exit` where the exit status is all that it tells: one check. */
  readonly report: 'junit' | 'jest' | 'playwright' | 'exit';
}

const root = resolve(import.meta.dirname, '..');
const reports = join(root, '.cache', 'reports');
const lab = '.venv/lab/bin/python -m';
const stack = '.venv/stack/bin/python -m';

/** The longest first, so that two lanes end together. */
const SUITES: readonly Suite[] = [
  {
    name: 'service',
    command: 'cd service && vitest run --reporter=default --reporter=json --outputFile=$REPORT',
    report: 'jest'
  },
  {
    name: 'galata',
    command: 'cd ui-tests && ../node_modules/.bin/playwright test',
    report: 'playwright'
  },
  { name: 'jest', command: 'jest --json --outputFile=$REPORT', report: 'jest' },
  { name: 'butler', command: `${stack} pytest tests/butler --junitxml=$REPORT`, report: 'junit' },
  { name: 'lab', command: `${lab} pytest tests/lab --junitxml=$REPORT`, report: 'junit' },
  { name: 'helper', command: `${stack} pytest tests/helper --junitxml=$REPORT`, report: 'junit' },
  { name: 'hub', command: `${lab} pytest tests/hub --junitxml=$REPORT`, report: 'junit' },
  {
    name: 'contract-fuzz',
    command: `${lab} pytest tests/contract --junitxml=$REPORT`,
    report: 'junit'
  },
  { name: 'wheel', command: `${lab} pytest tests/wheel --junitxml=$REPORT`, report: 'junit' },
  { name: 'deploy', command: `${lab} pytest tests/deploy --junitxml=$REPORT`, report: 'junit' },
  {
    name: 'types-lab',
    command: 'tsc -p tsconfig.json --noEmit && tsc -p tsconfig.test.json',
    report: 'exit'
  },
  {
    name: 'types-service',
    command:
      'tsc -p service/tsconfig.json && tsc -p bench/tsconfig.json && tsc -p demo/tsconfig.json && tsc -p contract/tsconfig.json && tsc -p ui-tests/tsconfig.json',
    report: 'exit'
  },
  {
    name: 'types-python-lab',
    command: `${lab} mypy rsp_epo_export/lab tests/wheel`,
    report: 'exit'
  },
  {
    name: 'types-python-stack',
    command: `${lab} mypy --python-executable .venv/stack/bin/python --exclude ^rsp_epo_export/lab/ rsp_epo_export`,
    report: 'exit'
  },
  { name: 'lint-python', command: 'ruff check . && ruff format --check .', report: 'exit' },
  { name: 'lint-typescript', command: 'jlpm lint', report: 'exit' },
  { name: 'contract', command: '.ci/contract', report: 'exit' }
];

const LANES = 2;

const wanted = process.argv.slice(2);
const chosen = SUITES.filter(
  ({ name }) =>
    wanted.length === 0 || wanted.some(word => name === word || name.startsWith(`${word}-`))
);
if (chosen.length === 0) {
  process.stderr.write(
    `There is no such suite. There are: ${SUITES.map(suite => suite.name).join(', ')}\n`
  );
  process.exit(2);
}
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const rows: { readonly suite: Suite; readonly counts: Counts; readonly seconds: number }[] = [];
const rest = chosen.values();
await Promise.all(Array.from({ length: LANES }, lane));

if (wanted.length === 0) {
  const began = Date.now();
  const demo = join(root, '.cache', 'ui-demo');
  const { files, found } = searchForTokens([reports, join(demo, 'logs')], secretsOf(demo));
  process.stdout.write(`Looked for tokens in ${files} logs and reports: ${found.length} found.\n`);
  rows.push({
    suite: { name: 'no-tokens', command: '', report: 'exit' },
    counts: {
      passed: found.length === 0 ? 1 : 0,
      failed: found.length === 0 ? 0 : 1,
      skipped: 0,
      failures: found.map(place => `a token stands in ${place}`)
    },
    seconds: (Date.now() - began) / 1000
  });
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const { suite, counts, seconds } of rows) {
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  process.stdout.write(
    `${suite.name.padEnd(20)}${String(counts.passed).padStart(6)} passed ${String(counts.failed).padStart(4)} failed ${String(counts.skipped).padStart(4)} skipped ${seconds.toFixed(0).padStart(5)} s\n`
  );
}
for (const { suite, counts } of rows) {
  for (const failure of counts.failures ?? []) {
    process.stdout.write(`✗ ${suite.name}: ${failure}\n`);
  }
}
process.stdout.write(
  `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}\n`
);
process.exit(total.failed === 0 ? 0 : 1);

async function lane(): Promise<void> {
  for (const suite of rest) {
    const began = Date.now();
    process.stdout.write(`… ${suite.name}\n`);
    const log = join(reports, `${suite.name}.log`);
    const status = await run(suite, log);
    const counts = count(suite.report, join(reports, suite.name), status);
    rows.push({ suite, counts, seconds: (Date.now() - began) / 1000 });
    const isGood = counts.failed === 0;
    process.stdout.write(`${isGood ? '✓' : '✗'} ${suite.name}\n`);
    if (!isGood) {
      process.stdout.write(`${readFileSync(log, 'utf8').slice(-20_000)}\n`);
    }
    for (const reason of counts.skipReasons ?? []) {
      process.stdout.write(`  skipped: ${reason}\n`);
    }
  }
}

async function run({ name, command }: Suite, log: string): Promise<number> {
  const output = createWriteStream(log);
  const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: root,
    env: { ...process.env, REPORT: join(reports, name), FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const status = await new Promise<number>(done => {
    child.on('error', () => done(127));
    child.on('close', code => done(code ?? 1));
  });
  await new Promise(done => output.end(done));
  return status;
}
