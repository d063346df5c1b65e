/** Before the servers start: what an earlier run left goes, and what the labs beside the demo's need is laid out. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_DIR, FAULTY, SERVICE_DATA } from './places.ts';

for (const left of [DEMO_DIR, databaseOf(SERVICE_DATA)]) {
  rmSync(left, { recursive: true, force: true });
}
for (const lab of ['lab', 'galata', 'faulty']) {
  quieten(join(DEMO_DIR, lab, 'settings'));
}
mkdirSync(FAULTY.directory, { recursive: true });

/** JupyterLab asks newcomers whether they want its news, in a toast that lies over the page. */
function quieten(settings: string): void {
  const directory = join(settings, '@jupyterlab', 'apputils-extension');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'notification.jupyterlab-settings'),
    JSON.stringify({ fetchNews: 'false', checkForUpdates: false })
  );
}

/** Where `service/src/supervisor/serve.ts` puts the database of these data when it runs as root. */
function databaseOf(dataDir: string): string {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return `/var/tmp/epo-export-${process.getuid?.() ?? 0}-${name}`;
}
