/** Which grant lets EPO read a pick. */
import type { CollectionPick, Grant } from '../api/types';
import { samePick } from './collections';

/** The longest that the service grants for, in days (`service/src/grants/schemas.ts`). */
export const MAX_GRANT_DAYS = 365;

/** The choices of the panel, in days. */
export const GRANT_DAYS = [7, 30, 90, MAX_GRANT_DAYS] as const;

export type GrantState =
  | { readonly state: 'none' }
  | { readonly state: 'live' | 'expired' | 'revoked'; readonly grant: Grant };

/**
 * The state of read access to `pick`: a live grant of exactly it, or of a prefix around it; else the last one
 * that ended.
 *
 * @param repository - the service's label.
 * @param now - milliseconds since 1970, since a grant may have lapsed after it was listed.
 */
export function grantStateOf(
  grants: readonly Grant[],
  repository: string,
  pick: CollectionPick,
  now: number
): GrantState {
  const here = grants.filter(grant => grant.repository === repository);
  const live = here.find(grant => isLive(grant, now) && appliesTo(grant, pick));
  if (live) {
    return { state: 'live', grant: live };
  }
  const [last] = here
    .filter(grant => samePick({ name: grant.collection, kind: grant.kind }, pick))
    .sort((one, other) => Date.parse(other.created) - Date.parse(one.created));
  if (!last) {
    return { state: 'none' };
  }
  return { state: last.state === 'revoked' ? 'revoked' : 'expired', grant: last };
}

export function isLive(grant: Grant, now: number): boolean {
  return grant.state === 'live' && Date.parse(grant.expires) > now;
}

function appliesTo(grant: Grant, pick: CollectionPick): boolean {
  return (
    samePick({ name: grant.collection, kind: grant.kind }, pick) ||
    (grant.kind === 'prefix' &&
      pick.kind !== 'chain' &&
      pick.name.startsWith(`${grant.collection}/`))
  );
}
