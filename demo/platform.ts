/**
 * `make demo PLATFORM=stand-ins`: the service as on the RSP. Who calls is Gafaelfawr's word, the lab reaches the service
 * through an ingress that guards it, every export is held until an operator decides, and PIs are told through Semaphore.
 * All three are stand-ins (`service/stand-ins/`), in this process; they forget all when it ends.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GafaelfawrStandIn, IngressStandIn } from '../service/stand-ins/gafaelfawr.ts';
import { SemaphoreStandIn } from '../service/stand-ins/semaphore.ts';

const run = promisify(execFile);

const SERVICE = 'epo-export';
const BOT = 'bot-epo-export';
/** Gafaelfawr knows no uid 0: as root, the PI of the demo is somebody else, to whom the runs are given. */
const UID = process.getuid?.() || 4123;

export interface Platform {
  /** Where the lab finds the service. */
  readonly origin: string;
  /** The PI's. */
  readonly token: string;
  /** What the service is told of it. */
  readonly settings: Readonly<Record<'identity' | 'semaphore', object>>;
  close(): Promise<void>;
}

interface PlatformPlace {
  readonly directory: string;
  readonly servicePort: number;
}

export async function startPlatform({ directory, servicePort }: PlatformPlace): Promise<Platform> {
  const gafaelfawr = await GafaelfawrStandIn.start();
  gafaelfawr.know({ username: 'alien', uid: UID, groups: [{ name: 'g_lensing', id: 5001 }] });
  const ingress = await IngressStandIn.start(
    gafaelfawr,
    `http://127.0.0.1:${servicePort}`,
    SERVICE
  );
  const botToken = gafaelfawr.issue({ username: BOT, token_type: 'service' });
  const semaphore = await SemaphoreStandIn.start(new Map([[botToken, BOT]]));
  const tokenFile = join(directory, 'semaphore-token');
  writeFileSync(tokenFile, botToken, { mode: 0o600 });
  if (process.getuid?.() !== UID) {
    await run('chown', ['-R', String(UID), join(directory, 'repository', 'u')]);
  }
  return {
    origin: ingress.url,
    token: gafaelfawr.issue({ username: 'alien', token_type: 'user' }),
    settings: {
      identity: {
        mode: 'gafaelfawr',
        gafaelfawr_url: gafaelfawr.url,
        reviewers_group: 'g_epo_reviewers',
        operators_group: 'g_epo_operators'
      },
      semaphore: { url: semaphore.url, bot: BOT, token_file: tokenFile }
    },
    close: async () => {
      await Promise.all([ingress.close(), semaphore.close(), gafaelfawr.close()]);
    }
  };
}
