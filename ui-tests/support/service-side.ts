/** What EPO's side is made to do, or is looked at, while a person sits at the panel. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { SERVICE_DATA } from './places.ts';

/**
 * Halts a process of the service while `act` runs, as a machine too busy would: an export stays where it is while the
 * worker halts, and nothing is answered while the API does. Both go on afterwards.
 */
export async function whileHalted(part: 'worker' | 'api', act: () => Promise<void>): Promise<void> {
  const pid = Number(await readFile(join(SERVICE_DATA, 'run', `${part}.pid`), 'utf8'));
  process.kill(pid, 'SIGSTOP');
  try {
    await act();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** Notes every file that comes into quarantine until `stop`, which gives their keys. */
export function watchQuarantine(): { stop(): Promise<ReadonlySet<string>> } {
  const root = join(SERVICE_DATA, 'quarantine');
  const keys = new Set<string>();
  let isWatching = true;
  const look = async () => {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        keys.add(relative(root, join(entry.parentPath, entry.name)));
      }
    }
  };
  const watching = (async () => {
    while (isWatching) {
      // A directory may go while it is read.
      await look().catch(() => undefined);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  })();
  return {
    stop: async () => {
      isWatching = false;
      await watching;
      return keys;
    }
  };
}
