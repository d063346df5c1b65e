/** What EPO's staff decide on an export that is held. */
import { digestOfBytes } from '../audit/audit.ts';
import type { Connection, Database } from '../database/database.ts';
import { isBot } from '../identity/identity.ts';
import type { JobSender } from '../jobs/queues.ts';
import type { PublicStore } from '../objects/public-store.ts';
import { lockExport, move, moveItems, type ExportRow } from './store.ts';
import { EXPORT_STATES, isAllowed } from './transitions.ts';

export type Verdict = 'approve' | 'reject';

export interface Decision {
  readonly verdict: Verdict;
  /** Who decides, by their name on the RSP. */
  readonly by: string;
  readonly why: string;
  /** Who the machine says it is, where that is how the decision came. */
  readonly osUser: string;
}

/** Nothing was decided; the message says why, to the operator. */
export class DecisionRefused extends Error {}

interface Parts {
  readonly db: Database;
  readonly jobs: JobSender;
  readonly publicStore: Pick<PublicStore, 'close'>;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const USERNAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * Records a decision and sends the export on, in one transaction. The same decision a second time changes nothing.
 *
 * @returns what there is to say to the operator
 * @throws DecisionRefused
 */
export async function decideOnExport(
  parts: Parts,
  id: string,
  decision: Decision
): Promise<string> {
  const { verdict, by } = decision;
  const why = decision.why.trim();
  if (why === '') {
    throw new DecisionRefused('Say why, in a sentence: it goes into the audit trail.');
  }
  if (!USERNAME.test(by) || isBot(by)) {
    throw new DecisionRefused(
      `“${by}” is no person’s username on the RSP. Name with --by who decides.`
    );
  }
  if (!ID.test(id)) {
    throw new DecisionRefused(`“${id}” is no id of an export. The panel and the API show the ids.`);
  }
  const { said, closed } = await parts.db.transaction().execute(async trx => {
    const exported = await lockExport(trx, id);
    if (!exported) {
      throw new DecisionRefused(`There is no export ${id}.`);
    }
    if (!isAllowed(exported.state, verdict, 'staff')) {
      return { said: await repeated(trx, exported, verdict), closed: undefined };
    }
    const wasPublic = await decide(parts.jobs, trx, exported, { ...decision, why });
    const said =
      verdict === 'approve'
        ? `Export ${id} is approved by ${by} and will be published.`
        : `Export ${id} is rejected by ${by}; what was retrieved is being deleted.`;
    return { said, closed: wasPublic ? exported.public_prefix : undefined };
  });
  if (closed !== undefined) {
    // At once, and again by the job: of an earlier try that failed, a part may be public.
    await parts.publicStore.close(closed);
  }
  return said;
}

/** @returns whether a part of it was public, and is to be taken down */
async function decide(
  jobs: JobSender,
  trx: Connection,
  { id, attempt }: ExportRow,
  { verdict, by, why, osUser }: Decision
): Promise<boolean> {
  const items = await trx
    .selectFrom('items')
    .select(['dataset_id', 'published_sha256'])
    .where('export_id', '=', id)
    .where('state', 'in', ['HELD', 'PUBLISHED'])
    .orderBy('number')
    .execute();
  const who = {
    actor: by,
    actorKind: 'staff',
    why,
    detail: { items: items.length, os_user: osUser },
    // Rule 1: the decision names the bytes that it covers.
    itemsDigest: digestOfBytes(items)
  } as const;
  if (verdict === 'approve') {
    await move(trx, id, 'approve', who);
    await moveItems(trx, id, 'HELD', { state: 'CHECKED' });
    await jobs.send(trx, 'decide', [{ export_id: id, attempt }]);
    return false;
  }
  const reason = {
    reason_type: 'rejected',
    reason_msg: `EPO staff rejected this export: ${why}`
  } as const;
  await move(trx, id, 'reject', who, reason);
  await moveItems(trx, id, 'HELD', { state: 'REFUSED', public_name: null, ...reason });
  const taken = await moveItems(trx, id, 'PUBLISHED', { state: 'WITHDRAWN' });
  await jobs.send(trx, 'discard', [{ export_id: id, attempt }]);
  return taken > 0;
}

/** @throws DecisionRefused unless staff's last decision on this try was the same one */
async function repeated(trx: Connection, exported: ExportRow, verdict: Verdict): Promise<string> {
  const last = await trx
    .selectFrom('audit_events')
    .select(['actor', 'action', 'at'])
    .where('export_id', '=', exported.id)
    .where('action', 'in', ['approve', 'reject', 'retry'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const isDone =
    verdict === 'reject'
      ? exported.state === 'REJECTED'
      : ['APPROVED', 'PUBLISHING', 'PUBLISHED'].includes(exported.state);
  if (last?.action !== verdict || !isDone) {
    throw new DecisionRefused(
      `Export ${exported.id} ${EXPORT_STATES[exported.state].means}. Only a held export can be decided on; nothing was changed.`
    );
  }
  return `${last.actor} decided the same on ${last.at.toISOString()}; nothing was changed.`;
}
