import { ExportModel } from '../model/model';
import type { StateStore, UiState } from '../model/ui-state';
import { DEMO, EXPORT, GRANT, PREFLIGHT, PUBLISHED, STATUS, WORKING } from './support/answers';
import { FakeLab, held, problem, type Answers } from './support/fake-lab';

const PICK = { name: 'u/alien/zooniverse-1', kind: 'run' } as const;

/** A store as JupyterLab's state database: what is saved can be fetched. */
class MemoryStore implements StateStore {
  kept: unknown;
  fetch = () => Promise.resolve(this.kept);
  save = (state: UiState) => {
    this.kept = JSON.parse(JSON.stringify(state));
    this._onSave();
    return Promise.resolve();
  };
  /** Resolves at the next save. */
  saved = () => new Promise<void>(resolve => (this._onSave = resolve));
  private _onSave: () => void = () => undefined;
}

const models: ExportModel[] = [];

function modelOf(answers: Answers = {}, store?: StateStore) {
  const lab = new FakeLab({ ...WORKING, ...answers });
  const model = new ExportModel({ serverSettings: lab.settings, store });
  models.push(model);
  return { lab, model };
}

afterEach(() => {
  models.splice(0).forEach(model => model.dispose());
});

/** Resolves when `condition` holds; it is looked at whenever the model changes. */
async function until(model: ExportModel, condition: () => boolean): Promise<void> {
  if (condition()) {
    return;
  }
  await new Promise<void>(resolve => {
    const look = () => {
      if (condition()) {
        model.stateChanged.disconnect(look);
        resolve();
      }
    };
    model.stateChanged.connect(look);
  });
}

async function readyToSubmit(answers: Answers = {}, store?: StateStore) {
  const made = modelOf({ 'GET service/grants': { grants: [GRANT] }, ...answers }, store);
  const { model } = made;
  await model.connect();
  await until(model, () => model.collections.byName('demo').size > 0);
  model.draft.toggle('demo', PICK);
  model.draft.update({ projectId: EXPORT.project_id });
  await until(model, () => model.draft.preflight.status === 'ready');
  return made;
}

describe('connecting', () => {
  it('asks for nothing before somebody looks', () => {
    expect(modelOf().lab.log).toEqual([]);
  });

  it('opens the only repository, and counts the PI’s own collections', async () => {
    const { lab, model } = modelOf();
    await model.connect();
    await until(model, () => model.collections.byName('demo').size > 0);
    const [asked] = lab.asked('GET butler/collections');
    expect(asked?.query.getAll('count_prefix')).toEqual(['u/alien/', 'g/g_team/']);
  });

  it('does not open one of several repositories by itself', async () => {
    const repositories = [
      { ...DEMO, label: 'dp1', uri: 'https://butler.example/dp1' },
      { ...DEMO, label: 'dp2', uri: 'https://butler.example/dp2' }
    ];
    const { lab, model } = modelOf({
      'GET butler/repositories': { repositories },
      'GET service/repositories': { repositories }
    });
    await model.connect();
    expect(lab.asked('GET butler/collections')).toEqual([]);
  });

  it('knows a repository by its address where the labels differ, and puts it first', async () => {
    const { model } = modelOf({
      'GET butler/repositories': {
        repositories: [
          { ...DEMO, label: 'another', uri: '/else' },
          { ...DEMO, label: 'mine', uri: 'file:///home/alien/repo/' }
        ]
      }
    });
    await model.connect();
    expect(model.collections.repositories).toMatchObject({
      status: 'ready',
      value: [
        { label: 'mine', serviceLabel: 'demo' },
        { label: 'another', serviceLabel: null }
      ]
    });
  });

  it('shows collections without the service, and says why the rest does not work', async () => {
    const error = { type: 'service_unreachable', msg: 'No connection.' };
    const { lab, model } = modelOf({
      'GET status': { ...STATUS, service: { ok: false, url: null, error } }
    });
    await model.connect();
    await until(model, () => model.collections.byName('demo').size > 0);
    expect(model.session.me).toMatchObject({
      status: 'failed',
      problem: { type: 'service_unreachable' }
    });
    expect(lab.log.filter(({ route }) => route.startsWith('service/'))).toEqual([]);
    expect(lab.asked('GET butler/collections')[0]?.query.getAll('count_prefix')).toEqual([
      'u/alien/'
    ]);
  });

  it('remembers who the PI is while the service is away', async () => {
    const { lab, model } = modelOf();
    await model.connect();
    const error = { type: 'service_unreachable', msg: 'No connection.' };
    lab.change({
      'GET status': { ...STATUS, user: null, service: { ok: false, url: null, error } }
    });
    await model.refresh();
    expect(model.session.identity).toMatchObject({ username: 'alien', groups: ['g_team'] });
  });

  it('takes a Butler that is only starting for no problem', async () => {
    const error = { type: 'butler_starting', msg: 'Starting.' };
    const { model } = modelOf({ 'GET status': { ...STATUS, butler: { ok: false, error } } });
    await model.connect();
    expect(model.session.butlerProblem).toBeNull();
  });

  it('tries all again when it is asked to', async () => {
    const { lab, model } = modelOf({
      'GET status': () => new Response('{"message": "Not Found"}', { status: 404 })
    });
    await model.connect();
    expect(model.session.lab).toMatchObject({ problem: { type: 'extension_missing' } });
    lab.change({ 'GET status': STATUS });
    await model.refresh();
    expect(model.session.me.status).toBe('ready');
  });
});

describe('granting', () => {
  it('asks for each pick, under the service’s name of the repository', async () => {
    const { lab, model } = modelOf({
      'GET service/repositories': {
        repositories: [{ label: 'rsp-demo', uri: '/home/alien/repo' }]
      },
      'POST service/grants': { ...GRANT, repository: 'rsp-demo' }
    });
    await model.connect();
    await until(model, () => model.collections.byName('demo').size > 0);
    model.draft.toggle('demo', PICK);
    expect(model.picksWithGrants[0]?.grant.state).toBe('none');
    await model.grants.grant('rsp-demo', [PICK], 30);
    expect(lab.asked('POST service/grants')[0]?.body).toEqual({
      repository: 'rsp-demo',
      collection: PICK.name,
      kind: 'run',
      expires_in_days: 30
    });
    expect(model.picksWithGrants[0]?.grant.state).toBe('live');
  });

  it('shows a grant as revoked once the service says so, and not before', async () => {
    const route = `DELETE service/grants/${GRANT.id}`;
    const { lab, model } = await readyToSubmit({
      [route]: () => problem(503, 'service_unreachable', 'No connection.')
    });
    await model.grants.revoke(GRANT.id);
    expect(model.picksWithGrants[0]?.grant.state).toBe('live');
    expect(model.grants.problem?.type).toBe('service_unreachable');
    lab.change({ [route]: { ...GRANT, state: 'revoked', revoked: '2026-11-22T12:00:00Z' } });
    await model.grants.revoke(GRANT.id);
    expect(model.picksWithGrants[0]?.grant.state).toBe('revoked');
    expect(model.obstacles).toContain('no_grant');
  });

  it('has the draft checked again', async () => {
    const { lab, model } = await readyToSubmit({
      'GET service/grants': { grants: [] },
      'POST service/grants': GRANT
    });
    const before = lab.asked('POST service/exports/preflight').length;
    await model.grants.grant('demo', [PICK], 30);
    await until(model, () => model.draft.preflight.status === 'ready');
    expect(lab.asked('POST service/exports/preflight').length).toBe(before + 1);
  });
});

describe('the draft', () => {
  it('lets a wider pick take the place of what it covers', async () => {
    const { model } = await readyToSubmit();
    model.draft.toggle('demo', { name: 'u/alien', kind: 'prefix' });
    expect(model.picks).toEqual([{ name: 'u/alien', kind: 'prefix' }]);
  });

  it('forgets what was chosen for the last pick once nothing is picked, but not the project', async () => {
    const { model } = await readyToSubmit();
    model.draft.update({ subjectSet: 'My set', metadataColumns: ['ra'] });
    model.draft.toggle('demo', PICK);
    expect(model.draft.draft).toEqual({
      repository: null,
      collections: [],
      datasetType: null,
      projectId: EXPORT.project_id,
      subjectSet: null,
      metadataColumns: [],
      frameDimension: null
    });
  });

  it('is checked once for several quick changes, as it is then', async () => {
    const { lab, model } = await readyToSubmit();
    const before = lab.asked('POST service/exports/preflight').length;
    for (const metadataColumns of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      model.draft.update({ metadataColumns });
    }
    await until(model, () => model.draft.preflight.status === 'ready');
    const asked = lab.asked('POST service/exports/preflight').slice(before);
    expect(asked.map(({ body }) => body)).toEqual([
      expect.objectContaining({ metadata_columns: ['a', 'b', 'c'] })
    ]);
  });

  it('does not show the check of an older draft', async () => {
    const { lab, model } = await readyToSubmit();
    const late = held({ ...PREFLIGHT, total: 1 });
    lab.change({ 'POST service/exports/preflight': late.answer });
    const older = model.draft.check();
    lab.change({ 'POST service/exports/preflight': { ...PREFLIGHT, total: 2 } });
    await model.draft.check();
    late.release();
    await older;
    expect(model.draft.preflight).toMatchObject({ value: { total: 2 } });
  });
});

describe('submitting', () => {
  const keysOf = (lab: FakeLab) =>
    lab.asked('POST service/exports').map(({ headers }) => headers.get('idempotency-key'));

  it('shows the new export and empties the draft, except for the project', async () => {
    const { model } = await readyToSubmit({
      'GET service/exports': { exports: [EXPORT], next_cursor: null }
    });
    await model.submit();
    expect(model.tab).toBe('exports');
    expect(model.exports.openId).toBe(EXPORT.id);
    expect(model.recentExports.map(({ id }) => id)).toEqual([EXPORT.id]);
    expect(model.picks).toEqual([]);
    expect(model.draft.draft.projectId).toBe(EXPORT.project_id);
  });

  it('keeps the key while it tries again what got no answer, and takes a new one for the next', async () => {
    const { lab, model } = await readyToSubmit({
      'POST service/exports': () => problem(504, 'service_timeout', 'No answer in time.')
    });
    await model.submit();
    await model.submit();
    lab.change({ 'POST service/exports': EXPORT });
    await model.submit();
    const [first, second, third] = keysOf(lab);
    expect(first).toMatch(/^[\w-]{36}$/);
    expect([second, third]).toEqual([first, first]);
    model.draft.toggle('demo', PICK);
    await model.submit();
    expect(keysOf(lab).at(-1)).not.toBe(first);
  });

  it('never sends a changed draft under the old key, and warns that the old one may have been taken', async () => {
    const { lab, model } = await readyToSubmit({
      'POST service/exports': () => problem(504, 'service_timeout', 'No answer in time.')
    });
    await model.submit();
    model.draft.update({ subjectSet: 'Another name' });
    expect(model.draft.earlierUnknown).toBe(true);
    await model.submit();
    expect(new Set(keysOf(lab)).size).toBe(2);
  });

  it('does not warn where the service refused', async () => {
    const { model } = await readyToSubmit({
      'POST service/exports': () => problem(422, 'invalid', 'Not so.')
    });
    await model.submit();
    model.draft.update({ subjectSet: 'Another name' });
    expect(model.draft.earlierUnknown).toBe(false);
    expect(model.draft.problem).toBeNull();
  });

  it('sends once for two clicks', async () => {
    const { lab, model } = await readyToSubmit();
    await Promise.all([model.submit(), model.submit()]);
    expect(lab.asked('POST service/exports')).toHaveLength(1);
  });
});

describe('a reload', () => {
  it('brings back tab, search, filter, draft, and the key of a submission without an answer', async () => {
    const store = new MemoryStore();
    const { lab, model } = await readyToSubmit(
      { 'POST service/exports': () => problem(504, 'service_timeout', 'No answer in time.') },
      store
    );
    await model.restore();
    model.show('submit');
    model.collections.search = 'zoo';
    model.exports.filter = 'needs_you';
    model.draft.toggle('demo', PICK);
    model.draft.toggle('demo', PICK);
    model.draft.update({ subjectSet: 'My set', projectId: EXPORT.project_id });
    await model.submit();
    await store.saved();

    const again = modelOf({ 'GET service/grants': { grants: [GRANT] } }, store);
    await again.model.restore();
    expect(again.model.tab).toBe('submit');
    expect(again.model.collections.search).toBe('zoo');
    expect(again.model.exports.filter).toBe('needs_you');
    expect(again.model.draft.draft).toEqual(model.draft.draft);
    await again.model.connect();
    await until(again.model, () => again.model.draft.preflight.status === 'ready');
    await again.model.submit();
    const key = (of: FakeLab) =>
      of.asked('POST service/exports')[0]?.headers.get('idempotency-key');
    expect(key(again.lab)).toBe(key(lab));
  });

  it.each([undefined, null, 7, { tab: 'moon' }, { version: 0, draft: {} }])(
    'starts empty from a state that it does not know: %j',
    async kept => {
      const store = new MemoryStore();
      store.kept = kept;
      const { model } = modelOf({}, store);
      expect(await model.restore()).toBe(false);
      expect(model.tab).toBe('collections');
    }
  );

  it('remembers that exports were under way', async () => {
    const store = new MemoryStore();
    const { model } = modelOf(
      { 'GET service/exports': { exports: [EXPORT], next_cursor: null } },
      store
    );
    await model.restore();
    await model.connect();
    await store.saved();
    expect(await modelOf({}, store).model.restore()).toBe(true);
  });
});

describe('the list of exports', () => {
  it('tells once of an export that settled, and nothing of those that it finds settled', async () => {
    const { lab, model } = modelOf({
      'GET service/exports': {
        exports: [EXPORT, { ...PUBLISHED, id: 'old' }],
        next_cursor: null
      }
    });
    const told: string[] = [];
    model.exportSettled.connect((_, { state }) => told.push(state));
    await model.connect();
    lab.change({ 'GET service/exports': { exports: [PUBLISHED], next_cursor: null } });
    await model.exports.refresh();
    await model.exports.refresh();
    expect(told).toEqual(['PUBLISHED']);
  });

  it('keeps what it has when the service stops answering, and says that it is old', async () => {
    const { lab, model } = modelOf({
      'GET service/exports': { exports: [EXPORT], next_cursor: null }
    });
    await model.connect();
    lab.change({ 'GET service/exports': () => problem(502, 'service_unreachable', 'Gone.') });
    await model.exports.refresh();
    expect(model.recentExports).toHaveLength(1);
    expect(model.exports.staleBecause?.type).toBe('service_unreachable');
  });

  it('goes on to older exports, and keeps them when it is fresh again', async () => {
    const older = { ...PUBLISHED, id: 'older' };
    const { model } = modelOf({
      'GET service/exports': ({ query }) =>
        query.get('cursor') === 'two'
          ? { exports: [older], next_cursor: null }
          : { exports: [EXPORT], next_cursor: 'two' }
    });
    await model.connect();
    expect(model.exports.hasMore).toBe(true);
    await model.exports.loadMore();
    await model.exports.refresh();
    expect(model.recentExports.map(({ id }) => id)).toEqual([EXPORT.id, 'older']);
    expect(model.exports.hasMore).toBe(false);
  });

  it('shows the outcome of an action, or why it failed', async () => {
    const { lab, model } = modelOf({
      'GET service/exports': { exports: [EXPORT], next_cursor: null },
      [`POST service/exports/${EXPORT.id}/cancel`]: () =>
        problem(409, 'wrong_state', 'It is public already.')
    });
    await model.connect();
    await model.exports.act(EXPORT.id, 'cancel');
    expect(model.exports.actionProblem).toMatchObject({
      id: EXPORT.id,
      problem: { type: 'wrong_state' }
    });
    const cancelled = { ...EXPORT, state: 'CANCELLED', actions: [] };
    lab.change({
      'GET service/exports': { exports: [cancelled], next_cursor: null },
      [`POST service/exports/${EXPORT.id}/cancel`]: cancelled
    });
    await model.exports.act(EXPORT.id, 'cancel');
    expect(model.exports.actionProblem).toBeNull();
    expect(model.recentExports[0]?.state).toBe('CANCELLED');
  });
});
