/** Grants: nothing is read without a live one of its owner (rule 2). */
import { randomUUID } from 'node:crypto';
import { record } from '../audit/audit.ts';
import type { Settings } from '../config.ts';
import type { Connection, Database } from '../database/database.ts';
import { ClientError } from '../http/errors.ts';
import { requireUid, type Identity } from '../identity/identity.ts';
import { covers, ownerOf, owns, type Pick } from './ownership.ts';
import type { Grant, GrantCreate } from './schemas.ts';
import { grantsFor, liveGrants, revokeGrant, upsertGrant, type GrantRow } from './store.ts';

/** A group's members come and go, so what one of them granted ends sooner (days). */
const MAX_GROUP_GRANT_DAYS = 90;

const DAY = 24 * 3600 * 1000;

interface GrantSettings {
  readonly repositories: Settings['repositories'];
  readonly grantee: string;
}

export class GrantService {
  readonly #db: Database;
  readonly #settings: GrantSettings;

  constructor(db: Database, settings: GrantSettings) {
    this.#db = db;
    this.#settings = settings;
  }

  async list(identity: Identity): Promise<Grant[]> {
    return (await grantsFor(this.#db, identity)).map(toGrant);
  }

  /** @throws ClientError `repository_unknown`, `not_yours`, `invalid`, `uid_missing` */
  async create(identity: Identity, body: GrantCreate): Promise<Grant> {
    const repository = this.#settings.repositories.find(({ label }) => label === body.repository);
    if (!repository) {
      throw new ClientError(
        'repository_unknown',
        `EPO does not export from a repository called “${body.repository}”.`,
        ['body', 'repository']
      );
    }
    const pick = { name: body.collection, kind: body.kind };
    const owner = ownerOf(pick);
    if (!owner || !owns(identity, owner)) {
      throw new ClientError(
        'not_yours',
        `Only the owner of ${body.collection} can grant it: you can grant what begins with u/${identity.username}/, or g/<group>/ for a group of yours.`,
        ['body', 'collection']
      );
    }
    const most = owner.kind === 'group' ? MAX_GROUP_GRANT_DAYS : Infinity;
    if (body.expires_in_days > most) {
      throw new ClientError(
        'invalid',
        `A grant of a group's collection lasts ${most} days at most; it can be renewed.`,
        ['body', 'expires_in_days']
      );
    }
    const uid = requireUid(identity);
    const row = await this.#db.transaction().execute(async trx => {
      const saved = await upsertGrant(trx, {
        id: randomUUID(),
        owner_kind: owner.kind,
        owner: owner.name,
        granted_by: identity.username,
        granted_by_uid: uid,
        grantee: this.#settings.grantee,
        repository: body.repository,
        collection: body.collection,
        kind: body.kind,
        enforcement: repository.enforcement ?? 'ledger',
        expires: new Date(Date.now() + body.expires_in_days * DAY),
        revoked: null
      });
      await record(trx, {
        actor: identity.username,
        actorKind: 'pi',
        action: 'grant',
        subject: `${body.repository}:${body.collection}`,
        detail: { grant_id: saved.id, kind: body.kind, expires: saved.expires.toISOString() }
      });
      return saved;
    });
    return toGrant(row);
  }

  /** @throws ClientError `not_found` for what does not exist and for what is not the caller's */
  async revoke(identity: Identity, id: string): Promise<Grant> {
    const grant = await this.#get(identity, id);
    const revoked = await this.#db.transaction().execute(async trx => {
      const row = await revokeGrant(trx, id);
      if (row) {
        await record(trx, {
          actor: identity.username,
          actorKind: 'pi',
          action: 'revoke',
          subject: `${grant.repository}:${grant.collection}`,
          detail: { grant_id: id }
        });
      }
      return row;
    });
    return revoked ? toGrant(revoked) : this.#get(identity, id);
  }

  async #get(identity: Identity, id: string): Promise<Grant> {
    const [grant] = await grantsFor(this.#db, identity, id);
    if (!grant) {
      throw new ClientError('not_found', 'You have no grant with this id.');
    }
    return toGrant(grant);
  }
}

/** The live grants that each pick rests on, or the first pick that none covers. */
export type Coverage =
  | { readonly ok: true; readonly uids: ReadonlySet<number> }
  | { readonly ok: false; readonly missing: Pick };

/**
 * Whether live grants cover every pick. Asked at submission, before each chunk and before publishing.
 *
 * @returns with `ok`, the uids of those who granted: the files must belong to one of them
 */
export async function coverage(
  db: Connection,
  repository: string,
  picks: readonly Pick[]
): Promise<Coverage> {
  const uids = new Set<number>();
  for (const pick of picks) {
    const owner = ownerOf(pick);
    const grants = owner ? await liveGrants(db, repository, owner) : [];
    const covering = grants.filter(grant =>
      covers({ name: grant.collection, kind: grant.kind }, pick)
    );
    if (covering.length === 0) {
      return { ok: false, missing: pick };
    }
    for (const grant of covering) {
      uids.add(grant.granted_by_uid);
    }
  }
  return { ok: true, uids };
}

function toGrant(row: GrantRow): Grant {
  const { granted_by_uid: _uid, owner_kind: _kind, created, expires, revoked, ...rest } = row;
  return {
    ...rest,
    state: revoked ? 'revoked' : expires.getTime() <= Date.now() ? 'expired' : 'live',
    created: created.toISOString(),
    expires: expires.toISOString(),
    revoked: revoked?.toISOString() ?? null
  };
}
