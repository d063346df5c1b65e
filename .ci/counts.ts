/** Reads the reports of the test runners. */
import { existsSync, readFileSync } from 'node:fs';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  readonly skipReasons?: readonly string[];
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
  const text = readFileSync(path, 'utf8');
  if (report === 'junit') {
    return readJunit(text);
  }
  const content: unknown = JSON.parse(text);
  return report === 'jest'
    ? {
        passed: number(content, 'numPassedTests'),
        failed: number(content, 'numFailedTests') + number(content, 'numRuntimeErrorTestSuites'),
        skipped: number(content, 'numPendingTests') + number(content, 'numTodoTests')
      }
    : {
        passed: number(field(content, 'stats'), 'expected'),
        failed:
          number(field(content, 'stats'), 'unexpected') + number(field(content, 'stats'), 'flaky'), // flaky is red
        skipped: number(field(content, 'stats'), 'skipped')
      };
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
  return { passed: sum('tests') - failed - skipped, failed, skipped, skipReasons };
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
