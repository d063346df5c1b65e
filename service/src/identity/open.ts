/** The identities that the settings ask for. */
import type { Logger } from 'pino';
import { record, SYSTEM } from '../audit/audit.ts';
import type { Connection } from '../database/database.ts';
import { GafaelfawrClient } from './gafaelfawr-client.ts';
import { GafaelfawrIdentities } from './gafaelfawr.ts';
import type { IdentityProvider } from './identity.ts';
import { LocalIdentities } from './local.ts';
import type { IdentitySettings } from './settings.ts';

export interface OpenIdentities {
  readonly provider: IdentityProvider;
  close(): Promise<void>;
}

/** @throws Error where the file of tokens of mode `local` cannot be read */
export function openIdentities(
  settings: IdentitySettings,
  db: Connection,
  logger: Logger
): OpenIdentities {
  if (settings.mode === 'local') {
    return { provider: LocalIdentities.fromFile(settings.tokens_file), close: async () => {} };
  }
  const client = new GafaelfawrClient({
    url: settings.gafaelfawr_url,
    service: settings.service,
    cacheMs: settings.cache_seconds * 1000,
    now: Date.now,
    logger
  });
  const provider = new GafaelfawrIdentities({
    settings,
    client,
    now: Date.now,
    logger,
    onDisagreement: async ({ username, header, claimed }) =>
      record(db, {
        ...SYSTEM,
        action: 'refuse_identity',
        subject: username,
        why: 'a header of the ingress disagrees with Gafaelfawr',
        detail: { header, claimed }
      })
  });
  return { provider, close: () => client.close() };
}
