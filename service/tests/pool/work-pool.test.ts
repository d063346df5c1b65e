import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WorkPool, WorkPoolError } from '../../src/pool/work-pool.ts';
import type { Settled, WorkPoolOptions } from '../../src/pool/work-pool.ts';
import type { HostileTask } from './hostile-child.ts';

let folder: string;
let log: string;
let pool: WorkPool<HostileTask, string>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'work-pool-'));
  log = join(folder, 'log');
  writeFileSync(log, '');
});

afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

function start(options: Partial<WorkPoolOptions<string>> = {}): void {
  pool = new WorkPool<HostileTask, string>({
    entry: new URL('hostile-child.ts', import.meta.url),
    size: 2,
    perItemTimeoutMs: 60_000,
    maxRssBytes: 400 * 1024 * 1024,
    readOutcome,
    ...options
  });
}

function readOutcome(value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError('not an outcome');
  }
  return value;
}

/** Tasks by name; what is not named as bad answers. */
function tasks(count: number, bad: Readonly<Record<number, HostileTask['does']>>): HostileTask[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `t${i}`,
    does: bad[i] ?? 'answer',
    log
  }));
}

async function settle(work: readonly HostileTask[]): Promise<Settled<string>[][]> {
  const settled: Settled<string>[][] = work.map(() => []);
  await pool.run(work, { onOutcome: (index, outcome) => settled[index]?.push(outcome) });
  return settled;
}

/** What is expected: each task settled once, all but the bad ones with their answer. */
function fates(count: number, bad: Readonly<Record<number, Settled<string>>>): Settled<string>[][] {
  return Array.from({ length: count }, (_, i) => [
    bad[i] ?? { crashed: false, outcome: `t${i} done` }
  ]);
}

/** The process ids that began a task, in order. */
function attempts(name: string): string[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter(line => line.startsWith(`${name} `))
    .map(line => line.slice(name.length + 1));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

describe('a pool of children', () => {
  test('settles each of many tasks once, with its outcome', async () => {
    start();
    expect(await settle(tasks(500, {}))).toEqual(fates(500, {}));
  });

  test('shares its children between runs that go on at the same time', async () => {
    start();
    const both = await Promise.all([settle(tasks(100, {})), settle(tasks(100, {}))]);
    expect(both).toEqual([fates(100, {}), fates(100, {})]);
    expect(pool.pids).toHaveLength(2);
  });

  test('a run of no tasks ends at once and starts no child', async () => {
    start();
    await pool.run([], { onOutcome: () => undefined });
    expect(pool.pids).toEqual([]);
  });

  test('passes none of its own variables to children but what is told', async () => {
    process.env.A_SECRET_OF_THE_SERVICE = 'secret';
    start({ env: { TOLD: 'told' } });
    await settle(tasks(1, {}));
    const environment = readFileSync(`/proc/${pool.pids[0]}/environ`, 'latin1').split('\0');
    delete process.env.A_SECRET_OF_THE_SERVICE;
    expect(environment).toContain('TOLD=told');
    expect(environment.filter(entry => entry.includes('SECRET'))).toEqual([]);
  });
});

describe('a task that ends its process', () => {
  test.each(['abort', 'exit'] as const)('by %s costs only itself', async does => {
    start();
    const settled = await settle(tasks(60, { 0: does, 31: does, 59: does }));
    const crashed = { crashed: true, cause: 'crash' } as const;
    expect(settled).toEqual(fates(60, { 0: crashed, 31: crashed, 59: crashed }));
  });

  test('for the memory of its heap is told from a crash', async () => {
    start({ maxRssBytes: 150 * 1024 * 1024 });
    const settled = await settle(tasks(20, { 7: 'eat_heap' }));
    expect(settled).toEqual(fates(20, { 7: { crashed: true, cause: 'memory' } }));
  });

  test.each(['hang', 'wait'] as const)('for its %sing is timed out, alone', async does => {
    start({ perItemTimeoutMs: 3_000 });
    const settled = await settle(tasks(40, { 7: does }));
    expect(settled).toEqual(fates(40, { 7: { crashed: true, cause: 'timeout' } }));
  });

  test('for the memory it holds outside the heap is seen by the parent', async () => {
    start({ maxRssBytes: 200 * 1024 * 1024 });
    const settled = await settle(tasks(40, { 7: 'eat_buffers' }));
    expect(settled).toEqual(fates(40, { 7: { crashed: true, cause: 'memory' } }));
  });

  test('is tried twice, the second time in another process', async () => {
    start();
    await settle(tasks(20, { 3: 'abort' }));
    expect(attempts('t3')).toHaveLength(2);
    expect(new Set(attempts('t3')).size).toBe(2);
  });

  test('the first time only is done like any other', async () => {
    start();
    expect(await settle(tasks(20, { 3: 'abort_once' }))).toEqual(fates(20, {}));
  });

  test('by the hand of another is not blamed for it', async () => {
    start();
    expect(await settle(tasks(20, { 3: 'be_killed_twice' }))).toEqual(fates(20, {}));
    expect(attempts('t3')).toHaveLength(3);
  });

  test('by the hand of another each time is given up', async () => {
    start();
    const settled = await settle(tasks(20, { 3: 'be_killed' }));
    expect(settled).toEqual(fates(20, { 3: { crashed: true, cause: 'crash' } }));
  });

  test('among many such leaves the others their outcomes', async () => {
    start();
    const bad = Object.fromEntries([1, 2, 3, 16, 17, 40].map(i => [i, 'abort'] as const));
    const crashed = { crashed: true, cause: 'crash' } as const;
    expect(await settle(tasks(48, bad))).toEqual(
      fates(48, Object.fromEntries(Object.keys(bad).map(i => [i, crashed])))
    );
  });

  test('is the one whose outcome the caller does not understand', async () => {
    start();
    const settled = await settle(tasks(20, { 5: 'lie' }));
    expect(settled).toEqual(fates(20, { 5: { crashed: true, cause: 'crash' } }));
  });
});

describe('a run ends with an error and leaves no work going on', () => {
  test('where the handler throws, which is no task to blame', async () => {
    start();
    const run = settle(tasks(20, { 5: 'throw' }));
    await expect(run).rejects.toThrow(WorkPoolError);
    await expect(run).rejects.toThrow('the disk is full');
  });

  test('where onOutcome throws', async () => {
    start();
    const run = pool.run(tasks(20, {}), {
      onOutcome: () => {
        throw new RangeError('the caller');
      }
    });
    await expect(run).rejects.toThrow(RangeError);
  });

  test('where no child can start, after what the child said', async () => {
    start({ entry: new URL('broken-child.ts', import.meta.url) });
    await expect(settle(tasks(3, {}))).rejects.toThrow(/No child of the pool starts: .*broken/s);
  });

  test('where it is aborted, with the reason, after the death of the child at work', async () => {
    start({ size: 1 });
    const controller = new AbortController();
    let child: number | undefined;
    const run = pool.run(tasks(40, { 20: 'hang' }), {
      signal: controller.signal,
      onOutcome: () => {
        child = pool.pids[0];
        controller.abort(new RangeError('revoked'));
      }
    });
    await expect(run).rejects.toThrow('revoked');
    expect(isAlive(child ?? 0)).toBe(false);
  });

  test('and another run goes on beside it', async () => {
    start({ size: 1, batchSize: 1 });
    const good = settle(tasks(20, {}));
    const bad = settle(tasks(20, { 0: 'throw' }));
    await expect(bad).rejects.toThrow(WorkPoolError);
    expect(await good).toEqual(fates(20, {}));
  });

  test('where the pool is closed, and no new one begins', async () => {
    start();
    const run = settle(tasks(20, { 5: 'hang' }));
    const ended = expect(run).rejects.toThrow('closed');
    await pool.close();
    await ended;
    expect(pool.pids).toEqual([]);
    await expect(settle(tasks(1, {}))).rejects.toThrow('closed');
  });
});

describe('children of a parent that is killed', () => {
  test.each(['wait', 'hang'] as const)('end, though they %s', async does => {
    start();
    const parent = spawn(
      process.execPath,
      [fileURLToPath(new URL('parent.ts', import.meta.url)), does, log],
      { stdio: ['ignore', 'pipe', 'inherit'] }
    );
    const lines = createInterface({ input: parent.stdout });
    const [line] = await new Promise<string[]>(resolve => lines.once('line', l => resolve([l])));
    const { done, pids } = JSON.parse(line ?? '') as { done: number; pids: number[] };
    expect({ done, children: pids.length }).toEqual({ done: 2, children: 2 });
    parent.kill('SIGKILL');
    await expect.poll(() => pids.filter(isAlive), { timeout: 60_000 }).toEqual([]);
  });
});
