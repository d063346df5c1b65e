/** The EPO export service, through the lab's server, as the PI. Paths, parameters and bodies are the contract's. */
import createClient, { type Client } from 'openapi-fetch';
import type { Check } from './json';
import { checked, type LabClient } from './lab';
import type { paths } from './schema';
import {
  exportCheck,
  exportsCheck,
  grantCheck,
  grantsCheck,
  itemsCheck,
  meCheck,
  messagesCheck,
  preflightCheck,
  projectCheck,
  projectsCheck,
  repositoriesCheck
} from './service-checks';
import type {
  Export,
  ExportAction,
  ExportCreate,
  ExportList,
  Grant,
  GrantCreate,
  ItemList,
  ItemQuery,
  Me,
  Message,
  Preflight,
  PreflightReport,
  Project,
  ProjectCreate,
  ServiceRepository
} from './types';

/** The two tables of an export that can be saved as a file. */
export type Table = 'items' | 'crosswalk';

/** Every method throws an `ApiError` where the service, or the way to it, says no. */
export class ServiceApi {
  constructor(lab: LabClient) {
    this._asked = clientOf(lab, false);
    this._polling = clientOf(lab, true);
  }

  async me(): Promise<Me> {
    return read(meCheck, this._asked.GET('/epo-export/v1/me', asText));
  }

  async repositories(): Promise<readonly ServiceRepository[]> {
    const request = this._asked.GET('/epo-export/v1/repositories', asText);
    return (await read(repositoriesCheck, request)).repositories;
  }

  async projects(): Promise<readonly Project[]> {
    return (await read(projectsCheck, this._asked.GET('/epo-export/v1/projects', asText))).projects;
  }

  async createProject(body: ProjectCreate): Promise<Project> {
    return read(projectCheck, this._asked.POST('/epo-export/v1/projects', { body, ...asText }));
  }

  async grants(): Promise<readonly Grant[]> {
    return (await read(grantsCheck, this._asked.GET('/epo-export/v1/grants', asText))).grants;
  }

  async createGrant(body: GrantCreate): Promise<Grant> {
    return read(grantCheck, this._asked.POST('/epo-export/v1/grants', { body, ...asText }));
  }

  async revokeGrant(id: string): Promise<Grant> {
    const params = { path: { grant_id: id } };
    const request = this._asked.DELETE('/epo-export/v1/grants/{grant_id}', { params, ...asText });
    return read(grantCheck, request);
  }

  async preflight(body: Preflight): Promise<PreflightReport> {
    const request = this._asked.POST('/epo-export/v1/exports/preflight', { body, ...asText });
    return read(preflightCheck, request);
  }

  /** @param key - sent again with the same body, it gives the same export, not another. */
  async submit(body: ExportCreate, key: string): Promise<Export> {
    const params = { header: { 'idempotency-key': key } };
    return read(
      exportCheck,
      this._asked.POST('/epo-export/v1/exports', { body, params, ...asText })
    );
  }

  /** The PI's exports, newest first. Does not count as activity of the lab's user. */
  async exports(cursor: string | null = null): Promise<ExportList> {
    const params = { query: cursor === null ? {} : { cursor } };
    return read(exportsCheck, this._polling.GET('/epo-export/v1/exports', { params, ...asText }));
  }

  /** The latest that the PI was told, newest first. Does not count as activity of the lab's user. */
  async messages(): Promise<readonly Message[]> {
    const request = this._polling.GET('/epo-export/v1/notifications', asText);
    return (await read(messagesCheck, request)).notifications;
  }

  async items(exportId: string, query: ItemQuery): Promise<ItemList> {
    const params = { path: { export_id: exportId }, query };
    const path = '/epo-export/v1/exports/{export_id}/items';
    return read(itemsCheck, this._asked.GET(path, { params, ...asText }));
  }

  /** One of the export's tables, as CSV. */
  async table(exportId: string, table: Table): Promise<string> {
    const params = { path: { export_id: exportId } };
    const request =
      table === 'items'
        ? this._asked.GET('/epo-export/v1/exports/{export_id}/items.csv', { params, ...asText })
        : this._asked.GET('/epo-export/v1/exports/{export_id}/crosswalk.csv', {
            params,
            ...asText
          });
    return (await request).data ?? '';
  }

  /** Cancels, retries or withdraws; answers the export as it is then. */
  async act(exportId: string, action: ExportAction): Promise<Export> {
    const params = { path: { export_id: exportId } };
    switch (action) {
      case 'cancel':
        return read(
          exportCheck,
          this._asked.POST('/epo-export/v1/exports/{export_id}/cancel', { params, ...asText })
        );
      case 'retry':
        return read(
          exportCheck,
          this._asked.POST('/epo-export/v1/exports/{export_id}/retry', { params, ...asText })
        );
      case 'withdraw':
        return read(
          exportCheck,
          this._asked.POST('/epo-export/v1/exports/{export_id}/withdraw', { params, ...asText })
        );
    }
  }

  /** For what the PI asks for. */
  private readonly _asked: Client<paths>;
  /** For what the panel asks for by itself. */
  private readonly _polling: Client<paths>;
}

/** Answers are taken as text and checked by us: the generated types alone would be a cast. */
const asText = { parseAs: 'text' } as const;

async function read<T>(check: Check<T>, request: Promise<{ data?: string }>): Promise<T> {
  const { data } = await request;
  return checked(check, data ?? '');
}

function clientOf(lab: LabClient, inBackground: boolean): Client<paths> {
  return createClient<paths>({
    baseUrl: lab.url('service'),
    fetch: async request => {
      const url = new URL(request.url);
      // The lab's `service/exports` is the contract's `/epo-export/v1/exports`.
      url.pathname = url.pathname.replace('/service/epo-export/v1/', '/service/');
      if (inBackground) {
        // Else an open panel would keep an idle lab from being culled.
        url.searchParams.set('no_track_activity', '1');
      }
      return lab.send(url.href, {
        method: request.method,
        headers: request.headers,
        // An empty text is a body, of a type that the service does not take.
        body: request.method === 'GET' ? null : (await request.text()) || null,
        signal: request.signal
      });
    }
  });
}
