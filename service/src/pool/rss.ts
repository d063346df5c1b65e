import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const HAS_PROC = existsSync('/proc/self/status');

/** Resident memory of a process, in bytes; 0 where the process is gone. */
export function rssOf(pid: number): number {
  try {
    // Both count in KiB. `status` and not `statm`, whose pages have no fixed size.
    const kib = HAS_PROC
      ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'latin1' }).trim();
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
