import type { Collection } from '../api/lab-types';
import { problemOf } from '../api/problem';
import type { CollectionPick } from '../api/types';
import { covers, runsOf } from '../domain/collections';
import { failed, LOADING, ready } from '../domain/loadable';
import { treeRows, type CollectionRow, type TreeInput, type TreeRow } from '../domain/tree';
import { chain, COLLECTIONS, DEMO_ENTRY, ME, run } from './support/answers';

const KNOWN = { ...DEMO_ENTRY, serviceLabel: 'demo' };
/** The same while the service does not answer. */
const SILENT = { ...DEMO_ENTRY, serviceLabel: undefined };

function rowsOf(
  collections: readonly Collection[],
  change: Partial<TreeInput> = {}
): readonly TreeRow[] {
  return treeRows({
    repositories: [KNOWN],
    collections: new Map([['demo', ready(collections)]]),
    me: ME,
    isExpanded: () => true,
    search: '',
    ownOnly: false,
    pickedRepository: null,
    picks: [],
    grantStateOf: () => ({ state: 'none' }),
    ...change
  });
}

/** The rows as an indented outline. */
function outline(rows: readonly TreeRow[]): readonly string[] {
  return rows.map(row => '  '.repeat(row.level - 1) + nameOf(row));
}

function nameOf(row: TreeRow): string {
  switch (row.kind) {
    case 'repository':
      return row.label;
    case 'group':
      return 'namespace' in row.title ? `(${row.title.namespace})` : `(${row.title.is})`;
    case 'collection':
      return row.shortName;
    case 'message':
      return `…${row.message.is}`;
  }
}

function find(rows: readonly TreeRow[], name: string): CollectionRow {
  const found = rows.find(row => row.kind === 'collection' && row.collection.name === name);
  if (found?.kind !== 'collection') {
    throw new Error(`no row for ${name}`);
  }
  return found;
}

function indexOf(collections: readonly Collection[]): ReadonlyMap<string, Collection> {
  return new Map(collections.map(one => [one.name, one]));
}

describe('the tree', () => {
  it('puts the PI’s own first, then their groups’, then the rest, and a chain over its runs', () => {
    expect(outline(rowsOf(COLLECTIONS))).toEqual([
      'demo',
      '  (u/alien)',
      '    batch-1',
      '      b',
      '      a',
      '    empty',
      '    zooniverse-1',
      '    tagged-1',
      '  (g/g_team)',
      '    shared-1',
      '  (others)',
      '    u/other/private-1',
      '  (shared)',
      '    skymaps'
    ]);
  });

  it('tells each row its place among its siblings', () => {
    const row = find(rowsOf(COLLECTIONS), 'u/alien/batch-1/a');
    expect(row).toMatchObject({ level: 4, position: 2, siblings: 2 });
  });

  it('leaves others out where the PI wishes so', () => {
    const names = outline(rowsOf(COLLECTIONS, { ownOnly: true }));
    expect(names.join()).not.toMatch(/other|skymaps/);
  });

  it.each([
    ['a name', 'ZOO-', []],
    ['a name', 'zoonIVERSE-1', ['zooniverse-1']],
    ['a type', 'chained', ['batch-1', 'b', 'a']],
    ['several words', 'run private', ['u/other/private-1']],
    ['a run below a chain', 'batch-1/a', ['batch-1', 'a']]
  ])('is searched by %s: %s', (_what, search, found) => {
    const rows = rowsOf(COLLECTIONS, {
      search,
      isExpanded: id => id.includes('batch-1') || id === 'repository:demo'
    });
    expect(rows.filter(({ kind }) => kind === 'collection').map(nameOf)).toEqual(found);
  });

  it('calls nobody’s collections another’s while nobody knows who the PI is', () => {
    const names = outline(rowsOf(COLLECTIONS, { me: null }));
    expect(names.filter(name => name.startsWith('  ('))).toEqual(['  (everybody)', '  (shared)']);
  });

  it('says so where nothing matches the search', () => {
    expect(outline(rowsOf(COLLECTIONS, { search: 'nothing like it' }))).toEqual([
      'demo',
      '  …no_match'
    ]);
  });

  it('tells a newcomer where their first collection would stand', () => {
    expect(outline(rowsOf([run('u/other/private-1')])).slice(0, 3)).toEqual([
      'demo',
      '  (u/alien)',
      '    …none_of_yours'
    ]);
  });

  it.each([
    ['on their way', LOADING, '…starting'],
    ['not to be had', failed(problemOf('butler_died')), '…failed']
  ])('says so while the collections are %s', (_what, loaded, message) => {
    const rows = rowsOf([], { collections: new Map([['demo', loaded]]) });
    expect(outline(rows)).toEqual(['demo', `  ${message}`]);
  });

  it('is not hung by a chain that contains itself', () => {
    const rows = rowsOf([
      chain('u/alien/loop', ['u/alien/knot']),
      chain('u/alien/knot', ['u/alien/loop'])
    ]);
    expect(rows.length).toBeLessThan(10);
  });

  it('holds ten thousand collections of others without a row for any while they are folded', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => run(`u/other/run-${index}`, null));
    const rows = rowsOf(many, { isExpanded: id => id === 'repository:demo' });
    expect(rows).toHaveLength(3);
  });
});

describe('a collection', () => {
  const picked = (pick: CollectionPick): Partial<TreeInput> => ({
    pickedRepository: 'demo',
    picks: [pick]
  });

  it.each([
    ['u/alien/zooniverse-1', {}, null],
    ['u/alien/batch-1', {}, null],
    ['g/g_team/shared-1', {}, null],
    ['u/other/private-1', {}, 'not_yours'],
    ['skymaps', {}, 'no_owner'],
    ['u/alien/tagged-1', {}, 'wrong_type'],
    ['u/alien/zooniverse-1', { repositories: [SILENT] }, 'service_unknown'],
    ['u/alien/zooniverse-1', { repositories: [SILENT], me: null }, 'service_unknown'],
    ['u/alien/zooniverse-1', { pickedRepository: 'else' }, 'other_repository'],
    ['u/alien/zooniverse-1', picked({ name: 'u/alien', kind: 'prefix' }), 'covered'],
    ['u/alien/batch-1/a', picked({ name: 'u/alien/batch-1', kind: 'chain' }), 'covered']
  ])('%s can be picked, or says why not (%j → %s)', (name, change, why) => {
    expect(find(rowsOf(COLLECTIONS, change), name).blocked?.why ?? null).toBe(why);
  });

  it('of a repository that EPO does not know can only be previewed', () => {
    const rows = rowsOf(COLLECTIONS, { repositories: [{ ...DEMO_ENTRY, serviceLabel: null }] });
    expect(find(rows, 'u/alien/zooniverse-1').blocked).toEqual({ why: 'repository_unknown' });
  });

  it('that is picked can be dropped', () => {
    const pick = { name: 'u/alien/zooniverse-1', kind: 'run' } as const;
    const row = find(rowsOf(COLLECTIONS, picked(pick)), pick.name);
    expect(row).toMatchObject({ picked: true, blocked: null });
  });
});

describe('a pick', () => {
  const byName = indexOf(COLLECTIONS);

  it.each<[CollectionPick, readonly string[]]>([
    [{ name: 'u/alien/zooniverse-1', kind: 'run' }, ['u/alien/zooniverse-1']],
    [{ name: 'u/alien/batch-1', kind: 'chain' }, ['u/alien/batch-1/b', 'u/alien/batch-1/a']],
    [{ name: 'u/alien/batch-1', kind: 'prefix' }, ['u/alien/batch-1/a', 'u/alien/batch-1/b']],
    [{ name: 'u/alien/nope', kind: 'run' }, []]
  ])('%j covers %j', (pick, runs) => {
    expect(runsOf(pick, byName).map(({ name }) => name)).toEqual(runs);
  });

  it('of a prefix does not cover a name that only begins alike', () => {
    const prefix = { name: 'u/alien/batch-1', kind: 'prefix' } as const;
    expect(covers(prefix, { name: 'u/alien/batch-10', kind: 'run' }, byName)).toBe(false);
  });

  it('of a prefix does not cover a chain that reaches out of it', () => {
    const wide = indexOf([...COLLECTIONS, chain('u/alien/wide', ['g/g_team/shared-1'])]);
    const prefix = { name: 'u/alien', kind: 'prefix' } as const;
    expect(covers(prefix, { name: 'u/alien/wide', kind: 'chain' }, wide)).toBe(false);
    expect(covers(prefix, { name: 'u/alien/batch-1', kind: 'chain' }, wide)).toBe(true);
  });
});
