import {
  columnMistake,
  datasetTypesOf,
  EMPTY_DRAFT,
  obstaclesOf,
  preflightOf,
  submissionOf,
  suggestDatasetType,
  suggestSubjectSet,
  type CompleteDraft
} from '../domain/draft';
import { grantStateOf } from '../domain/grants';
import { IDLE, ready } from '../domain/loadable';
import { COLLECTIONS, GRANT, PREFLIGHT, PROJECT } from './support/answers';

const COMPLETE: CompleteDraft = {
  ...EMPTY_DRAFT,
  repository: 'demo',
  serviceRepository: 'rsp-demo',
  collections: [{ name: 'u/alien/zooniverse-1', kind: 'run' }],
  datasetType: 'zooniverse_cutout',
  projectId: PROJECT.id,
  subjectSet: 'zooniverse-1'
};

describe('what the panel suggests', () => {
  const byName = new Map(COLLECTIONS.map(one => [one.name, one]));

  it('adds up the counts of a dataset type over the runs that are picked', () => {
    const picks = [
      { name: 'u/alien/batch-1', kind: 'chain' as const },
      { name: 'u/alien/batch-1/a', kind: 'run' as const }
    ];
    expect(datasetTypesOf(picks, byName)).toEqual([
      { name: 'zooniverse_cutout', storage_class: 'CutoutImage', count: 20 }
    ]);
  });

  it('is the usual dataset type, else one of cutouts, else none', () => {
    const types = [
      { name: 'calexp', storage_class: 'ExposureF', count: 1 },
      { name: 'my_cutout', storage_class: 'CutoutImage', count: 1 }
    ];
    expect(suggestDatasetType(types, 'calexp')).toBe('calexp');
    expect(suggestDatasetType(types, 'zooniverse_cutout')).toBe('my_cutout');
    expect(suggestDatasetType(types.slice(0, 1), 'zooniverse_cutout')).toBeNull();
  });

  it('names the subject set after the first collection', () => {
    expect(suggestSubjectSet(COMPLETE.collections)).toBe('zooniverse-1');
    expect(suggestSubjectSet([])).toBe('');
  });
});

describe('what is sent', () => {
  it('names the repository as the service does, and no metadata unless the PI chose some', () => {
    expect(submissionOf(COMPLETE)).toEqual({
      repository: 'rsp-demo',
      collections: [{ name: 'u/alien/zooniverse-1', kind: 'run' }],
      dataset_type: 'zooniverse_cutout',
      metadata_columns: [],
      project_id: PROJECT.id,
      subject_set: 'zooniverse-1'
    });
  });

  it('names the dimension of a flipbook', () => {
    expect(preflightOf({ ...COMPLETE, frameDimension: 'day_obs' })).toMatchObject({
      frame_dimension: 'day_obs'
    });
  });

  it.each([{ projectId: null }, { subjectSet: '  ' }, { datasetType: null }])(
    'is nothing while something is missing: %j',
    change => {
      expect(submissionOf({ ...COMPLETE, ...change })).toBeNull();
    }
  );
});

describe('what keeps a draft from being sent', () => {
  const { object_limit } = PROJECT;

  it('is nothing once all is there and the service agrees', () => {
    expect(obstaclesOf(COMPLETE, true, object_limit, ready(PREFLIGHT))).toEqual([]);
  });

  it.each([
    [{ collections: [] }, 'no_collections'],
    [{ serviceRepository: null }, 'repository_unknown'],
    [{ datasetType: null }, 'no_dataset_type'],
    [{ projectId: null }, 'no_project'],
    [{ subjectSet: ' ' }, 'no_subject_set']
  ])('is named: %j → %s', (change, obstacle) => {
    const draft = { ...COMPLETE, ...change };
    expect(obstaclesOf(draft, true, object_limit, ready(PREFLIGHT))).toEqual([obstacle]);
  });

  it('is a missing grant', () => {
    expect(obstaclesOf(COMPLETE, false, object_limit, ready(PREFLIGHT))).toEqual(['no_grant']);
  });

  it('is a check that has not come yet', () => {
    expect(obstaclesOf(COMPLETE, true, object_limit, IDLE)).toEqual(['not_checked']);
  });

  it('is what the check found', () => {
    const report = ready({ ...PREFLIGHT, ok: false });
    expect(obstaclesOf(COMPLETE, true, object_limit, report)).toEqual(['has_problems']);
  });

  it('is the limit of the project', () => {
    expect(obstaclesOf(COMPLETE, true, 311, ready(PREFLIGHT))).toEqual(['over_limit']);
    expect(obstaclesOf(COMPLETE, true, 312, ready(PREFLIGHT))).toEqual([]);
  });
});

describe('a metadata column', () => {
  it.each([
    ['ra', [], null],
    ['#hidden', [], null],
    ['a:b', [], 'characters'],
    ['a,b', [], 'characters'],
    ['a"b', [], 'characters'],
    ['a\u0007b', [], 'characters'],
    ['#priority', [], 'reserved'],
    ['x'.repeat(101), [], 'length'],
    ['ra', ['ra'], 'twice']
  ])('%j beside %j: %s', (name, others, mistake) => {
    expect(columnMistake(name, others)).toBe(mistake);
  });
});

describe('read access', () => {
  const pick = { name: GRANT.collection, kind: 'run' } as const;
  const now = Date.parse('2026-11-22T00:00:00Z');

  it.each([
    ['never given', [], 'none'],
    ['given', [GRANT], 'live'],
    ['given in another repository', [{ ...GRANT, repository: 'else' }], 'none'],
    ['given for another collection', [{ ...GRANT, collection: 'u/alien/zoo' }], 'none'],
    ['lapsed since it was listed', [{ ...GRANT, expires: '2026-11-21T00:00:00Z' }], 'expired'],
    ['revoked', [{ ...GRANT, state: 'revoked' as const }], 'revoked'],
    ['given for all below', [{ ...GRANT, collection: 'u/alien', kind: 'prefix' as const }], 'live'],
    ['given for a like prefix', [{ ...GRANT, collection: 'u/al', kind: 'prefix' as const }], 'none']
  ])('that was %s', (_what, grants, state) => {
    expect(grantStateOf(grants, 'demo', pick, now).state).toBe(state);
  });
});
