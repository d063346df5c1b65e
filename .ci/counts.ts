/** Reads the reports of the test runners. */
import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  readonly skipReasons?: readonly string[];
  /** Each failed test by its name, with the first line of why. */
  readonly failures?: readonly string[];
}

/**
 * @param path - where the runner was told to write its report
 * @param status - its exit status; one that is not zero is at least one failure, whatever the report says
 */
export function count(
  report: 'junit' | 'jest' | 'playwright' | 'exit',
  path: string,
  status: number
): Counts {
  const counts =
    status === 0 || existsSync(path)
      ? read(report, path, status)
      : { passed: 0, failed: 0, skipped: 0 };
  if (counts.failed === 0 && (status !== 0 || counts.passed === 0)) {
    return { ...counts, failed: 1 };
  }
  return counts;
}

function read(
  report: 'junit' | 'jest' | 'playwright' | 'exit',
  path: string,
  status: number
): Counts {
  if (report === 'exit') {
    return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
  }
  if (!existsSync(path)) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const written = readFileSync(path, 'utf8');
  if (report === 'junit') {
    return readJunit(written);
  }
  const content: unknown = JSON.parse(written);
  if (report === 'jest') {
    return {
      passed: number(content, 'numPassedTests'),
      failed: number(content, 'numFailedTests') + number(content, 'numRuntimeErrorTestSuites'),
      skipped: number(content, 'numPendingTests') + number(content, 'numTodoTests'),
      failures: list(content, 'testResults').flatMap(jestFailures)
    };
  }
  const stats = field(content, 'stats');
  return {
    passed: number(stats, 'expected'),
    failed: number(stats, 'unexpected') + number(stats, 'flaky'), // flaky is red
    skipped: number(stats, 'skipped'),
    failures: list(content, 'suites').flatMap(playwrightFailures)
  };
}

/** Of one file of tests. Vitest writes the same form. */
function jestFailures(file: unknown): string[] {
  const failed = list(file, 'assertionResults').filter(one => text(one, 'status') === 'failed');
  return failed.length === 0 && text(file, 'status') === 'failed'
    ? [named(text(file, 'name'), text(file, 'message'))]
    : failed.map(one => named(text(one, 'fullName'), String(list(one, 'failureMessages')[0])));
}

function playwrightFailures(suite: unknown): string[] {
  const failed = list(suite, 'specs').filter(spec => field(spec, 'ok') === false);
  return [
    ...failed.map(spec => {
      const results = list(spec, 'tests').flatMap(test => list(test, 'results'));
      const why = results.map(result => text(field(result, 'error'), 'message')).find(Boolean);
      return named(text(spec, 'title'), why ?? '');
    }),
    ...list(suite, 'suites').flatMap(playwrightFailures)
  ];
}

const LONGEST_LINE = 240;

function named(test: string, why: string): string {
  const first = stripVTControlCharacters(why).trim().split('\n')[0] ?? '';
  return `${test}: ${first}`.slice(0, LONGEST_LINE);
}

function readJunit(xml: string): Counts {
  const suites = [...xml.matchAll(/<testsuite\b[^>]*>/g)].map(match => match[0]);
  const sum = (name: string) =>
    suites.reduce(
      (total, suite) => total + Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0),
      0
    );
  const failed = sum('failures') + sum('errors');
  const skipped = sum('skipped');
  const skipReasons = [...xml.matchAll(/<skipped\b[^>]*\bmessage="([^"]*)"/g)].map(
    match => match[1] ?? ''
  );
  const failures = [
    ...xml.matchAll(
      /<testcase\b[^>]*\bname="([^"]*)"[^>]*>\s*<(?:failure|error)\b[^>]*\bmessage="([^"]*)"/g
    )
  ].map(match => named(match[1] ?? '', match[2] ?? ''));
  return { passed: sum('tests') - failed - skipped, failed, skipped, skipReasons, failures };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

function number(value: unknown, name: string): number {
  const found = field(value, name);
  return typeof found === 'number' ? found : 0;
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === 'string' ? found : '';
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}
