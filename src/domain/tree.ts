/**
 * The tree of repositories and collections as the rows that are visible now. One flat list, since a shared
 * repository has tens of thousands of collections and only what is on the screen may be drawn.
 */
import type { Collection, RepositorySource } from '../api/lab-types';
import type { Problem } from '../api/problem';
import type { CollectionPick } from '../api/types';
import {
  isOwn,
  namespaceOf,
  ownPrefixes,
  pickOf,
  samePick,
  whyNoPickHere,
  whyNotPickable,
  type Identity,
  type NotPickable,
  type PickContext
} from './collections';
import type { GrantState } from './grants';
import type { Loadable } from './loadable';

interface RowBase {
  /** Unique in the tree, and stable. */
  readonly id: string;
  /** From 1, as `aria-level`. */
  readonly level: number;
  /** Place among its siblings, from 1, and their number. */
  readonly position: number;
  readonly siblings: number;
  readonly parent: string | null;
}

interface Expandable {
  /** `null` where there is nothing to expand. */
  readonly expanded: boolean | null;
}

/** What a row that can be picked says of it. */
interface Pickable {
  readonly repository: string;
  readonly pick: CollectionPick | null;
  readonly picked: boolean;
  readonly blocked: NotPickable | null;
  readonly grant: GrantState;
}

export interface RepositoryRow extends RowBase, Expandable {
  readonly kind: 'repository';
  readonly label: string;
  readonly uri: string;
  readonly source: RepositorySource;
  readonly readOnly: boolean;
  readonly exportable: boolean | null;
}

export type GroupTitle =
  | { readonly is: 'own_user' | 'own_group'; readonly namespace: string }
  | { readonly is: 'others' | 'everybody' | 'shared' };

export interface GroupRow extends RowBase, Expandable, Pickable {
  readonly kind: 'group';
  readonly title: GroupTitle;
  readonly count: number;
}

export interface CollectionRow extends RowBase, Expandable, Pickable {
  readonly kind: 'collection';
  readonly collection: Collection;
  /** The part of its name that the rows above it do not say already. */
  readonly shortName: string;
  readonly own: boolean;
}

export type Message =
  | { readonly is: 'starting' }
  | { readonly is: 'failed'; readonly problem: Problem }
  | { readonly is: 'none_of_yours'; readonly namespace: string }
  | { readonly is: 'empty' }
  | { readonly is: 'no_match' };

export interface MessageRow extends RowBase {
  readonly kind: 'message';
  readonly repository: string;
  readonly message: Message;
}

export type TreeRow = RepositoryRow | GroupRow | CollectionRow | MessageRow;

/** A repository of the lab, with the name by which EPO's service knows it. */
export interface RepositoryEntry {
  readonly label: string;
  readonly uri: string;
  readonly source: RepositorySource;
  readonly readOnly: boolean;
  /** `null`: the service does not export from it. `undefined`: it has not answered. */
  readonly serviceLabel: string | null | undefined;
}

export interface TreeInput {
  readonly repositories: readonly RepositoryEntry[];
  /** By the repository's label. */
  readonly collections: ReadonlyMap<string, Loadable<readonly Collection[]>>;
  readonly me: Identity | null;
  readonly isExpanded: (id: string, byDefault: boolean) => boolean;
  readonly search: string;
  readonly ownOnly: boolean;
  readonly pickedRepository: string | null;
  readonly picks: readonly CollectionPick[];
  readonly grantStateOf: (repository: RepositoryEntry, pick: CollectionPick) => GrantState;
}

/** A row before it knows its place. */
type Draft<R extends TreeRow> = R extends TreeRow ? Omit<R, keyof RowBase> & { id: string } : never;
interface Node {
  readonly row: Draft<TreeRow>;
  readonly children: readonly Node[];
}

export function repositoryId(label: string): string {
  return `repository:${label}`;
}

export function treeRows(input: TreeInput): readonly TreeRow[] {
  return flatten(
    input.repositories.map(repository => repositoryNode(repository, input)),
    1,
    null
  );
}

function flatten(nodes: readonly Node[], level: number, parent: string | null): TreeRow[] {
  return nodes.flatMap((node, index) => {
    const place = { level, position: index + 1, siblings: nodes.length, parent };
    const row: TreeRow = { ...node.row, ...place };
    return [row, ...flatten(node.children, level + 1, row.id)];
  });
}

function repositoryNode(repository: RepositoryEntry, input: TreeInput): Node {
  const { label, uri, source, readOnly, serviceLabel } = repository;
  const id = repositoryId(label);
  const searchable = input.search !== '' && input.collections.get(label)?.status === 'ready';
  const expanded = searchable || input.isExpanded(id, false);
  const exportable = serviceLabel === undefined ? null : serviceLabel !== null;
  return {
    row: { kind: 'repository', id, label, uri, source, readOnly, exportable, expanded },
    children: expanded ? insideRepository(repository, exportable, input) : []
  };
}

function insideRepository(
  repository: RepositoryEntry,
  exportable: boolean | null,
  input: TreeInput
): readonly Node[] {
  const { label } = repository;
  const loaded = input.collections.get(label) ?? { status: 'loading' };
  switch (loaded.status) {
    case 'idle':
    case 'loading':
      return [messageNode(label, { is: 'starting' })];
    case 'failed':
      return [messageNode(label, { is: 'failed', problem: loaded.problem })];
    case 'ready': {
      const byName = new Map(loaded.value.map(collection => [collection.name, collection]));
      const { me, pickedRepository, picks } = input;
      const context = { repository: label, exportable, me, pickedRepository, picks, byName };
      return groupNodes(repository, loaded.value, { input, context });
    }
  }
}

interface Surroundings {
  readonly input: TreeInput;
  readonly context: PickContext;
}

function groupNodes(
  repository: RepositoryEntry,
  collections: readonly Collection[],
  around: Surroundings
): readonly Node[] {
  const { input } = around;
  const own = ownPrefixes(input.me).map(prefix => prefix.slice(0, -1));
  const isMine = (collection: Collection) => isOwn(collection.owner, input.me);
  const nodes = own.flatMap((namespace, index) => {
    const members = collections.filter(
      ({ owner }) => owner !== null && namespaceOf(owner) === namespace
    );
    const is = index === 0 ? 'own_user' : 'own_group';
    // An empty namespace of the PI's own is where a newcomer starts, so it says so; a group's is noise.
    return members.length || is === 'own_user'
      ? groupNode(repository, { is, namespace }, members, around)
      : [];
  });
  if (!input.ownOnly) {
    const others = collections.filter(({ owner }) => owner !== null);
    const foreign = others.filter(collection => !isMine(collection));
    nodes.push(
      ...groupNode(repository, { is: input.me ? 'others' : 'everybody' }, foreign, around)
    );
    const shared = collections.filter(({ owner }) => owner === null);
    nodes.push(...groupNode(repository, { is: 'shared' }, shared, around));
  }
  if (nodes.length) {
    return nodes;
  }
  return [messageNode(repository.label, { is: input.search ? 'no_match' : 'empty' })];
}

function groupNode(
  repository: RepositoryEntry,
  title: GroupTitle,
  members: readonly Collection[],
  around: Surroundings
): Node[] {
  const { input, context } = around;
  const namespace = 'namespace' in title ? title.namespace : null;
  const id = `${repositoryId(repository.label)}|${namespace ?? title.is}`;
  const wanted = wordsOf(input.search);
  const pick: CollectionPick | null =
    namespace === null ? null : { name: namespace, kind: 'prefix' };
  const expanded = wanted.length > 0 || input.isExpanded(id, namespace !== null);
  // A shared repository has tens of thousands of collections: what is folded is not even looked at.
  const children = expanded ? topNodes(repository, members, { id, namespace }, wanted, around) : [];
  const empty = wanted.length ? !children.length : !members.length;
  if (empty && (wanted.length || namespace === null)) {
    return [];
  }
  const inside =
    members.length || namespace === null
      ? children
      : [messageNode(repository.label, { is: 'none_of_yours', namespace })];
  return [
    {
      row: {
        kind: 'group',
        id,
        title,
        count: members.length,
        expanded,
        repository: repository.label,
        pick,
        picked: pick !== null && isPicked(pick, context),
        blocked: pick && whyNoPickHere(pick, context),
        grant: pick ? input.grantStateOf(repository, pick) : { state: 'none' }
      },
      children: expanded ? inside : []
    }
  ];
}

/** The group's collections without those that stand below a chain of it. */
function topNodes(
  repository: RepositoryEntry,
  members: readonly Collection[],
  group: { readonly id: string; readonly namespace: string | null },
  wanted: readonly string[],
  around: Surroundings
): Node[] {
  const inChain = new Set(members.flatMap(({ children }) => children));
  const under = { id: group.id, prefix: group.namespace === null ? '' : `${group.namespace}/` };
  return members
    .filter(({ name }) => !inChain.has(name))
    .flatMap(member => collectionNode(repository, member, under, wanted, around));
}

/** The collection's node; none where neither it nor anything below it matches the search. */
function collectionNode(
  repository: RepositoryEntry,
  collection: Collection,
  parent: { readonly id: string; readonly prefix: string },
  wanted: readonly string[],
  around: Surroundings
): Node[] {
  const { input, context } = around;
  const id = `${parent.id}|${collection.name}`;
  const { name } = collection;
  const matches = matchesSearch(collection, wanted);
  const below = collection.children

    .flatMap(child => context.byName.get(child) ?? [])
    // The Butler allows no chain in itself; a broken one must not hang the panel.
    .filter(child => !id.split('|').includes(child.name))
    .flatMap(child => {
      const under = { id, prefix: `${name}/` };
      return collectionNode(repository, child, under, matches ? [] : wanted, around);
    });
  if (!matches && !below.length) {
    return [];
  }
  const expanded = below.length
    ? input.isExpanded(id, false) || (!matches && wanted.length > 0)
    : null;
  const pick = pickOf(collection);
  return [
    {
      row: {
        kind: 'collection',
        id,
        collection,
        shortName: name.startsWith(parent.prefix) ? name.slice(parent.prefix.length) : name,
        own: isOwn(collection.owner, input.me),
        expanded,
        repository: repository.label,
        pick,
        picked: pick !== null && isPicked(pick, context),
        blocked: whyNotPickable(collection, context),
        grant: pick ? input.grantStateOf(repository, pick) : { state: 'none' }
      },
      children: expanded ? below : []
    }
  ];
}

function messageNode(repository: string, message: Message): Node {
  const id = `${repositoryId(repository)}|message:${message.is}`;
  return { row: { kind: 'message', id, repository, message }, children: [] };
}

function isPicked(pick: CollectionPick, context: PickContext): boolean {
  return (
    context.pickedRepository === context.repository &&
    context.picks.some(other => samePick(other, pick))
  );
}

function wordsOf(search: string): readonly string[] {
  return search.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Every word must be in the name, the type, the owner or a dataset type. */
function matchesSearch(collection: Collection, wanted: readonly string[]): boolean {
  const haystack = [
    collection.name,
    collection.type,
    ...collection.dataset_types.map(({ name }) => name)
  ]
    .join(' ')
    .toLowerCase();
  return wanted.every(word => haystack.includes(word));
}
