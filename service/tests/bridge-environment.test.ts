/** The bridge imports classes that a repository's configuration names: it gets none of the service's own secrets. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { BridgeClient } from '../src/bridge/client.ts';
import { makeLogger } from '../src/logging.ts';

test("the bridge's environment has what the Butler needs and no password of ours", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'epo-bridge-'));
  const seen = join(directory, 'environment');
  for (const name of ['DATABASE_URL', 'DATABASE_OWNER_URL', 'PGPASSWORD']) {
    vi.stubEnv(name, 'postgresql://epo:secret@db');
  }
  vi.stubEnv('LSST_DB_AUTH', '/etc/butler/db-auth.yaml');
  try {
    const client = new BridgeClient(
      ['sh', '-c', `env > ${seen}`, 'sh'],
      '/repo',
      makeLogger('test', 'silent')
    );
    await expect(client.ready()).rejects.toThrow('bridge ended');
    const environment = await readFile(seen, 'utf8');
    expect(environment).not.toContain('secret');
    expect(environment).toContain('LSST_DB_AUTH=/etc/butler/db-auth.yaml');
    expect(environment).toContain('PATH=');
  } finally {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  }
});
