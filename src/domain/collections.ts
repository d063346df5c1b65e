/**
 * What the panel knows of Butler collections: whose they are, what a pick covers, and why one cannot be
 * picked. Pure, and free of words for people: components have those.
 */
import type { Collection, CollectionType, Owner } from '../api/lab-types';
import type { CollectionPick } from '../api/types';

/** Whose collections are one's own. */
export interface Identity {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Why a collection can be looked at but not exported. */
export type NotPickable =
  | { readonly why: 'service_unknown' }
  | { readonly why: 'repository_unknown' }
  | { readonly why: 'not_yours'; readonly owner: Owner }
  | { readonly why: 'no_owner' }
  | { readonly why: 'wrong_type'; readonly type: CollectionType }
  | { readonly why: 'other_repository'; readonly repository: string }
  | { readonly why: 'covered'; readonly by: CollectionPick };

/** Where the pick would go, and who picks (`null` where that is not known). */
export interface PickContext {
  /** The lab's label of the repository that the collection is in. */
  readonly repository: string;
  /** Whether EPO's service can export from it; `null` while the service has not answered. */
  readonly exportable: boolean | null;
  readonly me: Identity | null;
  /** The repository of what is picked already; an export reads one. */
  readonly pickedRepository: string | null;
  readonly picks: readonly CollectionPick[];
  readonly byName: ReadonlyMap<string, Collection>;
}

/** The names that begin with one of these are the PI's own: their user's and their groups'. */
export function ownPrefixes(me: Identity | null): readonly string[] {
  return me ? [`u/${me.username}/`, ...me.groups.map(group => `g/${group}/`)] : [];
}

export function isOwn(owner: Owner | null, me: Identity | null): boolean {
  if (!owner || !me) {
    return false;
  }
  return owner.kind === 'user' ? owner.name === me.username : me.groups.includes(owner.name);
}

/** `u/alien` or `g/team`. */
export function namespaceOf(owner: Owner): string {
  return `${owner.kind === 'user' ? 'u' : 'g'}/${owner.name}`;
}

/** The pick that this collection makes, or `null` for a type that EPO does not export. */
export function pickOf(collection: Collection): CollectionPick | null {
  switch (collection.type) {
    case 'RUN':
      return { name: collection.name, kind: 'run' };
    case 'CHAINED':
      return { name: collection.name, kind: 'chain' };
    case 'TAGGED':
    case 'CALIBRATION':
      return null;
  }
}

export function samePick(one: CollectionPick, other: CollectionPick): boolean {
  return one.name === other.name && one.kind === other.kind;
}

/** Why `collection` cannot be picked now; `null` where it can, or is picked already. */
export function whyNotPickable(collection: Collection, context: PickContext): NotPickable | null {
  const pick = pickOf(collection);
  if (!pick) {
    return { why: 'wrong_type', type: collection.type };
  }
  if (!collection.owner) {
    return { why: 'no_owner' };
  }
  if (context.me && !isOwn(collection.owner, context.me)) {
    return { why: 'not_yours', owner: collection.owner };
  }
  return whyNoPickHere(pick, context);
}

/** The same for everything below one's own namespace, which has no collection of its own. */
export function whyNoPickHere(pick: CollectionPick, context: PickContext): NotPickable | null {
  if (context.exportable === null) {
    return { why: 'service_unknown' };
  }
  if (!context.exportable) {
    return { why: 'repository_unknown' };
  }
  if (context.pickedRepository !== null && context.pickedRepository !== context.repository) {
    return { why: 'other_repository', repository: context.pickedRepository };
  }
  const by = context.picks.find(
    other => !samePick(other, pick) && covers(other, pick, context.byName)
  );
  return by ? { why: 'covered', by } : null;
}

/** Whether all that `inner` covers now is covered by `outer`. */
export function covers(
  outer: CollectionPick,
  inner: CollectionPick,
  byName: ReadonlyMap<string, Collection>
): boolean {
  switch (outer.kind) {
    case 'run':
      return outer.kind === inner.kind && outer.name === inner.name;
    case 'chain':
      return inner.kind !== 'prefix' && membersOf(outer.name, byName).has(inner.name);
    case 'prefix':
      if (inner.kind === 'chain') {
        // A chain may reach out of the prefix; then it stays a pick of its own.
        const runs = runsOf(inner, byName);
        return runs.length > 0 && runs.every(run => isBelow(run.name, outer.name));
      }
      return inner.name === outer.name || isBelow(inner.name, outer.name);
  }
}

/** The RUN collections that a pick covers now, in the order in which the Butler would search them. */
export function runsOf(
  pick: CollectionPick,
  byName: ReadonlyMap<string, Collection>
): readonly Collection[] {
  const isRun = (collection: Collection) => collection.type === 'RUN';
  switch (pick.kind) {
    case 'run':
      return [...byName.values()].filter(other => other.name === pick.name && isRun(other));
    case 'chain':
      return [...membersOf(pick.name, byName)]
        .flatMap(name => byName.get(name) ?? [])
        .filter(isRun);
    case 'prefix':
      return [...byName.values()].filter(other => isBelow(other.name, pick.name) && isRun(other));
  }
}

/** How many datasets of a type, or of all types, a collection holds; `null` where that was not counted. */
export function countOf(collection: Collection, datasetType: string | null = null): number | null {
  let total = 0;
  for (const { name, count } of collection.dataset_types) {
    if (datasetType !== null && name !== datasetType) {
      continue;
    }
    if (count === null) {
      return null;
    }
    total += count;
  }
  return total;
}

/** All names below a chain, however deep, without the chain's own. A name is followed once. */
function membersOf(chain: string, byName: ReadonlyMap<string, Collection>): ReadonlySet<string> {
  const members = new Set<string>();
  const follow = (name: string) => {
    for (const child of byName.get(name)?.children ?? []) {
      if (!members.has(child) && child !== chain) {
        members.add(child);
        follow(child);
      }
    }
  };
  follow(chain);
  return members;
}

function isBelow(name: string, prefix: string): boolean {
  return name.startsWith(`${prefix}/`);
}
