/** What a program and all that it started use: processor time and peak memory, from Linux's `/proc`. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  /** Processor seconds since the watch began. */
  readonly cpuSeconds: number;
  /** The largest resident size that one of these processes ever had (VmHWM), in bytes. */
  readonly peakBytes: number;
  /** How many processes there were. */
  readonly processes: number;
}

interface Seen {
  readonly name: string;
  readonly cpuBefore: number;
  cpu: number;
  peakBytes: number;
}

const EVERY_MS = 200;
/** USER_HZ: what `/proc/<pid>/stat` counts in is fixed at 100 a second for every architecture that Node runs on. */
const TICKS_A_SECOND = 100;

/** Looks at processes several times a second; what lives for less is not seen. */
export class ProcessWatch {
  readonly #roots: () => readonly number[];
  readonly #nameOf: (command: string) => string;
  readonly #seen = new Map<number, Seen>();
  readonly #timer: NodeJS.Timeout;

  /**
   * @param roots - pids that are watched with all their descendants
   * @param nameOf - under which name a process is counted, by its command line
   */
  constructor(roots: () => readonly number[], nameOf: (command: string) => string) {
    this.#roots = roots;
    this.#nameOf = nameOf;
    this.#look(true);
    this.#timer = setInterval(() => this.#look(false), EVERY_MS);
  }

  /** Looks a last time, and no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#look(false);
  }

  /** @returns what was used, by name, largest consumer first */
  usage(): Map<string, Usage> {
    const usage = new Map<string, Usage>();
    for (const { name, cpu, cpuBefore, peakBytes } of this.#seen.values()) {
      const sum = usage.get(name);
      usage.set(name, {
        cpuSeconds: (sum?.cpuSeconds ?? 0) + cpu - cpuBefore,
        peakBytes: Math.max(sum?.peakBytes ?? 0, peakBytes),
        processes: (sum?.processes ?? 0) + 1
      });
    }
    return new Map([...usage].sort(([, a], [, b]) => b.cpuSeconds - a.cpuSeconds));
  }

  #look(isFirst: boolean): void {
    for (const pid of withDescendants(this.#roots())) {
      const now = measure(pid);
      const known = this.#seen.get(pid);
      if (now && known) {
        known.cpu = now.cpu;
        known.peakBytes = Math.max(known.peakBytes, now.peakBytes);
      } else if (now) {
        const name = this.#nameOf(commandOf(pid));
        this.#seen.set(pid, { name, cpuBefore: isFirst ? now.cpu : 0, ...now });
      }
    }
  }
}

function withDescendants(roots: readonly number[]): Set<number> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) {
      const parent = Number(statOf(Number(name))[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    }
  }
  const found = new Set(roots);
  for (const pid of found) {
    children.get(pid)?.forEach(child => found.add(child));
  }
  return found;
}

function measure(pid: number): { cpu: number; peakBytes: number } | undefined {
  const stat = statOf(pid);
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(pid, 'status'))?.[1];
  // A process that has ended, and waits for its parent to notice, has no memory any more.
  return stat.length > 0
    ? {
        cpu: (Number(stat[11]) + Number(stat[12])) / TICKS_A_SECOND,
        peakBytes: Number(kib ?? 0) * 1024
      }
    : undefined;
}

/** The fields of `/proc/<pid>/stat` from the state on, for the name before it may hold anything. */
function statOf(pid: number): string[] {
  const text = readProc(pid, 'stat');
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function commandOf(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

/** @returns an empty text where the process is gone */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
