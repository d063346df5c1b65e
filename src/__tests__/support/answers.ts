/** Answers of a lab and a service that work, typed by the contract: a test changes only what it is about. */
import type { Collection, DatasetPage, LabRepository, LabStatus } from '../../api/lab-types';
import type { Export, Grant, Item, Me, Message, PreflightReport, Project } from '../../api/types';
import type { RepositoryEntry } from '../../domain/tree';
import type { Answers } from './fake-lab';

export const STATUS: LabStatus = {
  butler: { ok: true, error: null },
  service: { ok: true, url: 'https://data.lsst.cloud', error: null },
  user: 'alien'
};

export const ME: Me = {
  username: 'alien',
  groups: ['g_team'],
  roles: ['pi'],
  grantee: 'bot-epo-export'
};

export const DEMO: LabRepository = {
  label: 'demo',
  uri: '/home/alien/repo',
  source: 'repository_index',
  read_only: false
};

/** The same in the tree, before it is known whether EPO exports from it. */
export const DEMO_ENTRY: Omit<RepositoryEntry, 'serviceLabel'> = {
  label: DEMO.label,
  uri: DEMO.uri,
  source: DEMO.source,
  readOnly: false
};

export function run(name: string, count: number | null = 10): Collection {
  return {
    name,
    type: 'RUN',
    owner: ownerOf(name),
    children: [],
    dataset_types:
      count === 0 ? [] : [{ name: 'zooniverse_cutout', storage_class: 'CutoutImage', count }]
  };
}

export function chain(name: string, children: readonly string[]): Collection {
  return { ...run(name), type: 'CHAINED', children };
}

export const COLLECTIONS: readonly Collection[] = [
  chain('u/alien/batch-1', ['u/alien/batch-1/b', 'u/alien/batch-1/a']),
  run('u/alien/batch-1/a'),
  run('u/alien/batch-1/b'),
  run('u/alien/empty', 0),
  run('u/alien/zooniverse-1', 312),
  { ...run('u/alien/tagged-1'), type: 'TAGGED' },
  run('g/g_team/shared-1', 5),
  run('u/other/private-1', null),
  run('skymaps', null)
];

export const PROJECT: Project = {
  id: '00000000-0000-4000-8000-000000000001',
  name: 'Galaxy Hunters',
  owner: 'alien',
  members: [],
  zooniverse_project: null,
  contact: null,
  status: 'approved',
  object_limit: 10_000,
  created: '2026-11-01T00:00:00Z'
};

export const GRANT: Grant = {
  id: '00000000-0000-4000-8000-000000000002',
  owner: 'alien',
  granted_by: 'alien',
  grantee: 'bot-epo-export',
  repository: 'demo',
  collection: 'u/alien/zooniverse-1',
  kind: 'run',
  enforcement: 'ledger',
  state: 'live',
  created: '2026-11-01T00:00:00Z',
  expires: '2126-12-03T12:00:00Z',
  revoked: null
};

export const PREFLIGHT: PreflightReport = {
  ok: true,
  total: 312,
  collections: [
    {
      name: 'u/alien/zooniverse-1',
      runs: [{ name: 'u/alien/zooniverse-1', count: 312 }],
      left_out: []
    }
  ],
  problems: [],
  warnings: []
};

export const NO_ITEMS: Export['counts'] = {
  total: 0,
  listed: 0,
  checked: 0,
  held: 0,
  refused: 0,
  published: 0,
  withdrawn: 0,
  missing: 0
};

export const EXPORT: Export = {
  id: '00000000-0000-4000-8000-000000000003',
  project_id: PROJECT.id,
  owner: 'alien',
  repository: 'demo',
  collections: [{ name: 'u/alien/zooniverse-1', kind: 'run' }],
  dataset_type: 'zooniverse_cutout',
  subject_set: 'zooniverse-1',
  metadata_columns: [],
  frame_dimension: null,
  state: 'SUBMITTED',
  phase: 'QUEUED',
  waits_for: 'system',
  means: 'waits for the service to list its datasets',
  reason: null,
  actions: ['cancel'],
  counts: NO_ITEMS,
  reasons: [],
  notes: [],
  manifest_url: null,
  created: '2026-11-22T12:00:00Z',
  updated: '2026-11-22T12:00:00Z'
};

/** The same export, some time later. */
export const COLLECTING: Export = {
  ...EXPORT,
  state: 'COLLECTING',
  phase: 'EXECUTING',
  means: 'is being retrieved from the Butler and checked',
  counts: { ...NO_ITEMS, total: 312, listed: 112, checked: 196, refused: 4 }
};

/** The same export, at its happy end. */
export const PUBLISHED: Export = {
  ...EXPORT,
  state: 'PUBLISHED',
  phase: 'COMPLETED',
  waits_for: 'pi',
  means: 'is public, and every file was read back and compared',
  actions: ['withdraw'],
  counts: { ...NO_ITEMS, total: 312, published: 308, refused: 4 },
  reasons: [
    { type: 'more_than_8_bits', msg: 'The image has 16 bits a channel.', count: 3 },
    { type: 'truncated', msg: 'The file ends before its image does.', count: 1 }
  ],
  manifest_url: 'https://epo.example/abc/manifest.csv'
};

export const FAILED: Export = {
  ...EXPORT,
  state: 'FAILED',
  phase: 'ERROR',
  waits_for: 'pi',
  means: 'stopped, and can be retried or cancelled',
  reason: { type: 'grant_lapsed', msg: 'Your grant ended before the export did.' },
  actions: ['cancel', 'retry']
};

/** What the PI is told of the published export. */
export const TOLD: readonly Message[] = [
  {
    id: 8,
    export_id: EXPORT.id,
    event: 'removable',
    summary: 'Your files of “zooniverse-1” have been retrieved and verified, and can be removed',
    text: 'Every published file was read back.',
    created: '2026-11-22T12:05:00Z'
  },
  {
    id: 7,
    export_id: EXPORT.id,
    event: 'published',
    summary: 'Your export “zooniverse-1” is public',
    text: '308 items are published, and 4 left out; the panel says why.\n\nIts manifest for the Zooniverse: https://epo.example/abc/manifest.csv',
    created: '2026-11-22T12:05:00Z'
  }
];

export function item(number: number, more: Partial<Item> = {}): Item {
  return {
    number,
    dataset_id: `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`,
    run: 'u/alien/zooniverse-1',
    data_id: { htm20: 1000 + number },
    state: 'PUBLISHED',
    reason: null,
    media_type: 'image/png',
    width: 128,
    height: 128,
    source_size: 1,
    source_sha256: null,
    published_size: 1,
    published_sha256: null,
    url: `https://epo.example/abc/${number}.png`,
    ...more
  };
}

/** A page of a run; `next` is the number of the first dataset after it. */
export function datasets(first: number, count: number, next: string | null): DatasetPage {
  return {
    datasets: Array.from({ length: count }, (_, index) => ({
      id: `dataset-${first + index}`,
      data_id: { htm20: first + index }
    })),
    next
  };
}

/** A lab where all works, nothing is granted and nothing exported. */
export const WORKING: Answers = {
  'GET status': STATUS,
  'GET butler/repositories': { repositories: [DEMO] },
  'GET butler/collections': { collections: COLLECTIONS, count: COLLECTIONS.length },
  'GET butler/datasets': datasets(1, 10, null),
  'GET service/me': ME,
  'GET service/repositories': { repositories: [DEMO] },
  'GET service/grants': { grants: [] },
  'GET service/projects': { projects: [PROJECT] },
  'GET service/exports': { exports: [], next_cursor: null },
  'GET service/notifications': { notifications: [], next_cursor: null },
  'POST service/exports/preflight': PREFLIGHT,
  'POST service/exports': EXPORT
};

function ownerOf(name: string): Collection['owner'] {
  const [kind, owner] = name.split('/');
  if (owner === undefined || (kind !== 'u' && kind !== 'g')) {
    return null;
  }
  return { kind: kind === 'u' ? 'user' : 'group', name: owner };
}
