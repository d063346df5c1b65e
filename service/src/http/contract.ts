/** `epo-export openapi`: the document that is committed as `contract/openapi.json`. Building it calls no service. */
import { pino } from 'pino';
import type { ExportService } from '../exports/service.ts';
import type { GrantService } from '../grants/service.ts';
import type { IdentityProvider } from '../identity/identity.ts';
import type { NotificationService } from '../notifications/service.ts';
import type { ProjectService } from '../projects/service.ts';
import { buildApi } from './api.ts';

export async function openApiDocument(): Promise<string> {
  const api = await buildApi(
    {
      settings: { repositories: [], grantee: '' },
      identities: absent<IdentityProvider>(),
      projects: absent<ProjectService>(),
      grants: absent<GrantService>(),
      exports: absent<ExportService>(),
      notifications: absent<NotificationService>(),
      ping: async () => {}
    },
    pino({ level: 'silent' })
  );
  await api.ready();
  const text = `${JSON.stringify(api.swagger(), null, 2)}\n`;
  await api.close();
  return text;
}

/** A service that must not be called: the document comes from the routes alone. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says which service is absent
function absent<T extends object>(): T {
  return new Proxy({} as T, {
    get: () => () => {
      throw new Error('The OpenAPI document needs no service.');
    }
  });
}
