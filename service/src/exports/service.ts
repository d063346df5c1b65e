/** What a PI does with exports. The pipeline (`../pipeline/`) does the rest. */
import { createHash, randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import type { Bridges } from '../bridge/bridges.ts';
import type { Settings } from '../config.ts';
import { breaksUnique, type Database } from '../database/database.ts';
import { ClientError } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { JobSender } from '../jobs/queues.ts';
import type { PublicStore } from '../objects/public-store.ts';
import { record } from '../audit/audit.ts';
import type { ProjectService } from '../projects/service.ts';
import { newSecret } from '../public/urls.ts';
import { assess } from './assess.ts';
import { crosswalkCsv, itemsCsv } from './csv.ts';
import {
  decodeExportCursor,
  decodeNumberCursor,
  encodeExportCursor,
  encodeNumberCursor
} from '../http/cursors.ts';
import type {
  Export,
  ExportCreate,
  ExportList,
  ExportQuery,
  ItemList,
  ItemQuery,
  Preflight,
  PreflightReport
} from './schemas.ts';
import {
  exportById,
  exportByKey,
  exportsPage,
  insertExport,
  itemsPage,
  lockExport,
  move,
  moveItems,
  type ExportRow
} from './store.ts';
import { subjectsOf } from './subjects.ts';
import { EXPORT_STATES } from './transitions.ts';
import { viewExports, viewItem } from './view.ts';

export interface ExportServiceParts {
  readonly db: Database;
  readonly jobs: JobSender;
  readonly bridges: Bridges;
  readonly projects: ProjectService;
  readonly publicStore: PublicStore;
  readonly settings: Settings;
}

export class ExportService {
  readonly #parts: ExportServiceParts;

  constructor(parts: ExportServiceParts) {
    this.#parts = parts;
  }

  async preflight(identity: Identity, body: Preflight): Promise<PreflightReport> {
    const { total, collections, problems, warnings } = await assess(
      this.#parts,
      identity,
      body,
      this.#parts.settings.project_object_limit
    );
    return {
      ok: problems.length === 0,
      total,
      collections,
      problems: problems.map(({ type, message }) => ({ type, msg: message })),
      warnings
    };
  }

  /**
   * Takes a submission; the work follows by itself.
   *
   * @param key - the client's Idempotency-Key: the same key and body give the same export
   * @throws ClientError as `preflight` tells them, and `idempotency_key_reused`, `project_blocked`, `not_found` (the project)
   */
  async submit(identity: Identity, body: ExportCreate, key: string): Promise<Export> {
    const digest = digestOfRequest(body);
    const { db, projects, jobs } = this.#parts;
    const before = await exportByKey(db, identity.username, key);
    if (before) {
      return this.#sameSubmission(before, digest);
    }
    const project = await projects.get(identity, body.project_id);
    if (project.status === 'blocked') {
      throw new ClientError(
        'project_blocked',
        `EPO has blocked the project “${project.name}”. Ask EPO why; nothing was submitted.`,
        ['body', 'project_id']
      );
    }
    const { problems, warnings } = await assess(this.#parts, identity, body, project.object_limit);
    if (problems[0]) {
      throw problems[0];
    }
    const id = randomUUID();
    try {
      await db.transaction().execute(async trx => {
        await insertExport(
          trx,
          {
            id,
            project_id: project.id,
            owner: identity.username,
            repository: body.repository,
            dataset_type: body.dataset_type,
            subject_set: body.subject_set,
            metadata_columns: body.metadata_columns ?? [],
            frame_dimension: body.frame_dimension ?? null,
            state: 'SUBMITTED',
            reason_type: null,
            reason_msg: null,
            notes: JSON.stringify(warnings),
            idempotency_key: key,
            request_digest: digest,
            quarantine_prefix: newSecret(),
            public_prefix: newSecret(),
            naming_key: newSecret(),
            manifest_sha256: null
          },
          body.collections
        );
        await record(trx, {
          actor: identity.username,
          actorKind: 'pi',
          action: 'submit',
          exportId: id,
          detail: { ...body }
        });
        await jobs.send(trx, 'list', [{ export_id: id, attempt: 1 }]);
      });
    } catch (error) {
      const winner = breaksUnique(error, 'exports_owner_idempotency_key_key')
        ? await exportByKey(db, identity.username, key)
        : undefined;
      if (winner) {
        return this.#sameSubmission(winner, digest);
      }
      throw error;
    }
    return this.get(identity, id);
  }

  async list(
    identity: Identity,
    query: Static<typeof ExportQuery>
  ): Promise<Static<typeof ExportList>> {
    const limit = query.limit ?? 100;
    const rows = await exportsPage(this.#parts.db, {
      username: identity.username,
      projectId: query.project_id,
      state: query.state,
      before: query.cursor === undefined ? undefined : decodeExportCursor(query.cursor),
      limit: limit + 1
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      exports: await this.#view(page),
      next_cursor: rows.length > limit && last ? encodeExportCursor(last) : null
    };
  }

  async get(identity: Identity, id: string): Promise<Export> {
    return this.#viewOne(await this.#find(identity, id));
  }

  async items(
    identity: Identity,
    id: string,
    query: Static<typeof ItemQuery>
  ): Promise<Static<typeof ItemList>> {
    const exported = await this.#find(identity, id);
    const limit = query.limit ?? 100;
    const after = query.cursor === undefined ? 0 : decodeNumberCursor(query.cursor);
    const rows = await itemsPage(this.#parts.db, id, {
      state: query.state,
      after,
      limit: limit + 1
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(item => viewItem(item, exported, this.#parts.settings.public_url)),
      next_cursor: rows.length > limit && last ? encodeNumberCursor(last.number) : null
    };
  }

  async itemsCsv(identity: Identity, id: string): Promise<string> {
    const exported = await this.#find(identity, id);
    const rows = await itemsPage(this.#parts.db, id, { after: 0, limit: ALL_ITEMS });
    return itemsCsv(rows.map(item => viewItem(item, exported, this.#parts.settings.public_url)));
  }

  /** @throws ClientError `wrong_state` before there is anything public */
  async crosswalkCsv(identity: Identity, id: string): Promise<string> {
    const exported = await this.#find(identity, id);
    if (exported.state !== 'PUBLISHED' && exported.state !== 'WITHDRAWN') {
      throw new ClientError(
        'wrong_state',
        `This export ${EXPORT_STATES[exported.state].means}; its crosswalk exists once it is published.`
      );
    }
    const rows = await itemsPage(this.#parts.db, id, { after: 0, limit: ALL_ITEMS });
    const shown = rows.filter(item => item.state === 'PUBLISHED' || item.state === 'WITHDRAWN');
    return crosswalkCsv(
      subjectsOf(shown, exported.frame_dimension, exported.naming_key).flatMap(
        ({ externalId, frames }) =>
          frames.map((item, index) => ({
            external_id: externalId,
            frame: index,
            item: viewItem(item, exported, this.#parts.settings.public_url)
          }))
      )
    );
  }

  /** @throws ClientError `wrong_state` once publishing has begun */
  async cancel(identity: Identity, id: string): Promise<Export> {
    return this.#act(
      identity,
      id,
      'cancel',
      'It can be cancelled until its publication begins; after that it can be withdrawn.'
    );
  }

  /** Tries again what failed: datasets that are retrieved and clean are not retrieved again. */
  async retry(identity: Identity, id: string): Promise<Export> {
    await this.#find(identity, id);
    await this.#parts.db.transaction().execute(async trx => {
      const current = await lockExport(trx, id);
      const row = await move(
        trx,
        id,
        'retry',
        { actor: identity.username, actorKind: 'pi' },
        { reason_type: null, reason_msg: null, attempt: (current?.attempt ?? 0) + 1 }
      );
      if (!row) {
        throw wrongState(
          current,
          'Only an export that failed can be retried. To export corrected files, submit them as a new export with a new subject set.'
        );
      }
      await this.#parts.jobs.send(trx, 'list', [{ export_id: id, attempt: row.attempt }]);
    });
    return this.get(identity, id);
  }

  /** Takes a published export down: from now on its URLs answer 410, and the files are deleted soon after. */
  async withdraw(identity: Identity, id: string): Promise<Export> {
    return this.#act(identity, id, 'withdraw', 'Only a published export can be withdrawn.');
  }

  async #act(
    identity: Identity,
    id: string,
    action: 'cancel' | 'withdraw',
    hint: string
  ): Promise<Export> {
    await this.#find(identity, id);
    const row = await this.#parts.db.transaction().execute(async trx => {
      const moved = await move(trx, id, action, { actor: identity.username, actorKind: 'pi' });
      if (!moved) {
        throw wrongState(await exportById(trx, id), hint);
      }
      // Nobody decides on them any more.
      await moveItems(trx, id, 'HELD', { state: 'CHECKED' });
      // Of a cancelled one too: where it failed in the midst of its publication, a part of it is public.
      await moveItems(trx, id, 'PUBLISHED', { state: 'WITHDRAWN' });
      await this.#parts.jobs.send(trx, 'discard', [{ export_id: id, attempt: moved.attempt }]);
      return moved;
    });
    if (action === 'withdraw') {
      // At once, and again by the job, which outlives this process.
      await this.#parts.publicStore.close(row.public_prefix);
    }
    return this.#viewOne(row);
  }

  /** @throws ClientError `not_found` for what does not exist and for what is not the caller's: one answer for both */
  async #find(identity: Identity, id: string): Promise<ExportRow> {
    const row = await exportById(this.#parts.db, id);
    const projects = row ? await this.#parts.projects.list(identity) : [];
    if (!row || !projects.some(project => project.id === row.project_id)) {
      throw new ClientError('not_found', 'You have no export with this id.');
    }
    return row;
  }

  async #sameSubmission(before: ExportRow, digest: string): Promise<Export> {
    if (before.request_digest !== digest) {
      throw new ClientError(
        'idempotency_key_reused',
        'This Idempotency-Key was used for a different submission. Use a new key; the earlier export is not changed.'
      );
    }
    return this.#viewOne(before);
  }

  async #view(rows: readonly ExportRow[]): Promise<Export[]> {
    return viewExports(this.#parts.db, rows, this.#parts.settings.public_url);
  }

  async #viewOne(row: ExportRow): Promise<Export> {
    const [view] = await this.#view([row]);
    if (!view) {
      throw new Error('one row gives one view');
    }
    return view;
  }
}

/** More than any export holds (the Zooniverse imports 10,000 at a time). */
const ALL_ITEMS = 1_000_000;

function wrongState(row: ExportRow | undefined, hint: string): ClientError {
  const now = row ? `This export ${EXPORT_STATES[row.state].means}. ` : '';
  return new ClientError('wrong_state', now + hint);
}

/** The same whatever the order of the body's keys. */
function digestOfRequest(body: ExportCreate): string {
  const sorted = JSON.stringify(body, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value
  );
  return createHash('sha256').update(sorted).digest('hex');
}
