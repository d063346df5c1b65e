/** The service as on the platform: behind the stand-in of Gafaelfawr's ingress, with users whom Gafaelfawr knows. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { GafaelfawrStandIn, IngressStandIn, type StandInUser } from '../../stand-ins/gafaelfawr.ts';
import { Client } from './client.ts';
import { startService, type TestService } from './service.ts';

const run = promisify(execFile);

/** Gafaelfawr knows no uid 0. Who runs the tests as root gets a repository whose runs belong to another uid. */
const UID = process.getuid?.() || 4123;

const group = (name: string, id: number) => ({ name, id });

export const USERS = {
  alien: {
    username: 'alien',
    email: 'alien@example.org',
    uid: UID,
    groups: [group('galaxies', 5001)]
  },
  mallory: { username: 'mallory', uid: UID + 1, groups: [] },
  reviewer: { username: 'reviewer', uid: UID + 2, groups: [group('g_reviewers', 5002)] },
  operator: { username: 'operator', uid: UID + 3, groups: [group('g_operators', 5003)] },
  nobody: { username: 'nobody', groups: [] },
  'bot-dashboard': {
    username: 'bot-dashboard',
    uid: UID + 4,
    groups: [group('g_operators', 5003)]
  },
  'bot-mobu01': { username: 'bot-mobu01', uid: UID, groups: [] }
} as const satisfies Record<string, StandInUser>;

export type Username = keyof typeof USERS;

export interface Platform {
  readonly gafaelfawr: GafaelfawrStandIn;
  readonly ingress: IngressStandIn;
  readonly service: TestService;
  /** The API's prefix as users reach it. */
  readonly api: string;
  /** A client with a token of the user's own, through the ingress. */
  client(username: Username): Client;
  /** A token as the ingress hands on. */
  delegated(username: Username, expires?: number): string;
  close(): Promise<void>;
}

/** @param identity - beside what every test has */
export async function startPlatform(identity: Record<string, unknown> = {}): Promise<Platform> {
  const gafaelfawr = await GafaelfawrStandIn.start();
  Object.values(USERS).forEach(user => gafaelfawr.know(user));
  const directory = await mkdtemp(join(tmpdir(), 'epo-platform-'));
  const service = await startService({
    identity: {
      mode: 'gafaelfawr',
      gafaelfawr_url: gafaelfawr.url,
      reviewers_group: 'g_reviewers',
      operators_group: 'g_operators',
      acting_bots: ['bot-mobu01'],
      ...identity
    },
    repositories: [{ label: 'test', uri: await repositoryOf(UID, join(directory, 'repository')) }]
  });
  const ingress = await IngressStandIn.start(gafaelfawr, service.api, 'epo-export');
  const api = `${ingress.url}${new URL(service.api).pathname}`;
  return {
    gafaelfawr,
    ingress,
    service,
    api,
    client: username =>
      new Client({ api }, { token: gafaelfawr.issue({ username, token_type: 'user' }) }),
    delegated: (username, expires) =>
      gafaelfawr.issue({
        username,
        token_type: 'internal',
        service: 'epo-export',
        ...(expires !== undefined && { expires })
      }),
    close: async () => {
      await service.close();
      await Promise.all([ingress.close(), gafaelfawr.close()]);
      await rm(directory, { recursive: true });
    }
  };
}

async function repositoryOf(uid: number, path: string): Promise<string> {
  const { uri } = inject('repository');
  if (process.getuid?.() === uid) {
    return uri;
  }
  // What is no file (a FIFO, a link) belongs to other tests.
  await cp(uri, path, { recursive: true, filter: async source => !source.includes('/hostile') });
  await run('chown', ['-R', String(uid), join(path, 'u')]);
  return path;
}
