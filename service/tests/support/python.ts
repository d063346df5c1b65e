/** The stack's interpreter, which has the Butler and no Jupyter. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '../../..');
const MAKER = resolve(import.meta.dirname, 'make_repository.py');

/** As `butler_command` in the service's settings. */
export const STACK: readonly [string, ...string[]] = [
  '/usr/bin/env',
  `PYTHONPATH=${ROOT}`,
  resolve(ROOT, process.env['EPO_TEST_STACK_PYTHON'] ?? '.venv/stack/bin/python')
];

/** Runs `make_repository.py`. @returns what it printed */
export async function repositoryMaker(...args: string[]): Promise<string> {
  const [program, ...before] = STACK;
  const { stdout } = await run(program, [...before, MAKER, ...args]);
  return stdout;
}
