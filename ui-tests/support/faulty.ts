/** The lab whose parts break: its service is reached through a relay, its token and its Butler are files of ours. */
import { chmodSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { DEMO_DIR, FAULTY, LAB_PYTHON, PORTS, STACK } from './places.ts';

/** From now on the lab's Butler is this Python's. The lab's own has none. */
export function butlerOf(python: 'stack' | 'lab'): void {
  const program = python === 'stack' ? join(STACK, 'python') : LAB_PYTHON;
  writeFileSync(FAULTY.python, `#!/bin/sh\nexec '${program}' "$@"\n`);
  chmodSync(FAULTY.python, 0o700);
}

/** From now on the lab's RSP token is alien's, or one that nobody gave out. */
export async function tokenOf(user: 'alien' | 'nobody'): Promise<void> {
  const token = user === 'alien' ? await readFile(join(DEMO_DIR, 'token'), 'utf8') : 'gt-expired';
  writeFileSync(FAULTY.token, token, { mode: 0o600 });
}

export interface Relay {
  /** Ends it and cuts all connections, as a service does that is stopped. */
  stop(): Promise<void>;
}

/** Lets the lab reach the service. Bytes go through as they are. */
export async function startRelay(): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer(fromLab => {
    const toService = connect(PORTS.service, '127.0.0.1');
    for (const [one, other] of [
      [fromLab, toService],
      [toService, fromLab]
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(PORTS.relay, '127.0.0.1', resolve);
  });
  return {
    stop: async () => {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of open) {
        socket.destroy();
      }
      await closed;
    }
  };
}
