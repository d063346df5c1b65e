/** A pool's child whose tasks say how it shall behave. */
import { appendFileSync, readFileSync } from 'node:fs';
import { serveTasks } from '../../src/pool/serve-tasks.ts';

export interface HostileTask {
  readonly name: string;
  readonly does:
    | 'answer'
    | 'abort'
    | 'exit'
    | 'hang'
    | 'wait'
    | 'eat_buffers'
    | 'eat_heap'
    | 'abort_once'
    | 'be_killed'
    | 'be_killed_twice'
    | 'throw'
    | 'lie';
  /** Where each attempt leaves a line, since memory does not outlive the process. */
  readonly log: string;
}

const kept: unknown[] = [];

serveTasks(
  value => value as HostileTask,
  async ({ name, does, log }) => {
    appendFileSync(log, `${name} ${process.pid}\n`);
    switch (does) {
      case 'abort':
        return process.abort();
      case 'exit':
        return process.exit(0);
      case 'hang':
        for (;;);
      case 'wait':
        return await new Promise<never>(() => undefined);
      case 'eat_buffers':
        for (;;) {
          kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
          await new Promise(resolve => setTimeout(resolve, 5));
        }
      case 'eat_heap':
        for (;;) {
          kept.push(Array.from({ length: 100_000 }, Math.random));
        }
      case 'abort_once':
        return attempts(log, name) === 1 ? process.abort() : `${name} done`;
      case 'be_killed':
        return await killed();
      case 'be_killed_twice':
        return attempts(log, name) <= 2 ? await killed() : `${name} done`;
      case 'throw':
        throw new Error('the disk is full');
      case 'lie':
        return 42;
      case 'answer':
        return `${name} done`;
    }
  }
);

function attempts(log: string, name: string): number {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter(line => line.startsWith(`${name} `)).length;
}

/** As the kernel does it when it is short of memory. */
async function killed(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return await new Promise(() => undefined);
}
