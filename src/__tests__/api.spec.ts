import { ButlerApi } from '../api/butler';
import { parseJson } from '../api/json';
import { LabClient } from '../api/lab';
import { outcomeUnknown, problemOf, toProblem, type Problem } from '../api/problem';
import { ServiceApi } from '../api/service';
import { COLLECTIONS, EXPORT, ME, STATUS, WORKING } from './support/answers';
import { FakeLab, problem, type Answers } from './support/fake-lab';

function apiOf(answers: Answers = WORKING) {
  const lab = new FakeLab(answers);
  const client = new LabClient(lab.settings);
  return { lab, butler: new ButlerApi(client), service: new ServiceApi(client) };
}

async function problemFrom(request: Promise<unknown>): Promise<Problem> {
  return request.then(
    () => {
      throw new Error('no problem');
    },
    (error: unknown) => toProblem(error)
  );
}

const SUBMISSION = {
  project_id: EXPORT.project_id,
  subject_set: 'zooniverse-1',
  repository: 'demo',
  collections: [{ name: 'u/alien/zooniverse-1', kind: 'run' as const }],
  dataset_type: 'zooniverse_cutout'
};

describe('requests', () => {
  it('reach the service below the lab’s own address, without the service’s prefix', async () => {
    const { lab, service } = apiOf();
    await expect(service.me()).resolves.toEqual(ME);
    expect(lab.log.map(({ route }) => route)).toEqual(['service/me']);
  });

  it('send a submission with its key and its body', async () => {
    const { lab, service } = apiOf();
    await service.submit(SUBMISSION, 'a-key-of-mine');
    const [asked] = lab.asked('POST service/exports');
    expect(asked?.headers.get('idempotency-key')).toBe('a-key-of-mine');
    expect(asked?.headers.get('content-type')).toMatch(/^application\/json/);
    expect(asked?.body).toEqual(SUBMISSION);
  });

  it('do not count as activity when the panel polls', async () => {
    const { lab, service, butler } = apiOf();
    await service.exports('next-page');
    await butler.status();
    for (const { query } of lab.log) {
      expect(query.get('no_track_activity')).toBe('1');
    }
    expect(lab.log[0]?.query.get('cursor')).toBe('next-page');
  });

  it('count as activity when the PI asks', async () => {
    const { lab, service } = apiOf();
    await service.me();
    expect(lab.log[0]?.query.has('no_track_activity')).toBe(false);
  });

  it('ask for counts of one’s own collections only', async () => {
    const { lab, butler } = apiOf();
    const collections = await butler.collections('demo', ['u/alien/', 'g/g_team/']);
    expect(collections).toEqual(COLLECTIONS);
    expect(lab.log[0]?.query.getAll('count_prefix')).toEqual(['u/alien/', 'g/g_team/']);
  });

  it('escape what a PI wrote', () => {
    const { butler } = apiOf();
    const url = new URL(butler.imageUrl('a&b=c/../d', 'x y'));
    expect(url.pathname).toBe('/user/alien/rsp-epo-export/butler/image');
    expect(url.searchParams.get('repository')).toBe('a&b=c/../d');
    expect([...url.searchParams.keys()]).toEqual(['repository', 'id']);
  });
});

describe('problems', () => {
  it('keep the type, the sentence and the place that the service gave', async () => {
    const detail = { msg: 'Too long.', type: 'invalid', loc: ['body', 'subject_set'] };
    const { service } = apiOf({
      'POST service/exports': () =>
        new Response(JSON.stringify({ detail: [detail] }), { status: 422 })
    });
    const found = await problemFrom(service.submit(SUBMISSION, 'a-key-of-mine'));
    expect(found).toEqual({ type: 'invalid', status: 422, details: [detail], retryAfter: null });
  });

  it('say how long the platform asks to wait', async () => {
    const { service } = apiOf({
      'GET service/me': () => problem(429, 'rate_limited', 'Slow.', { 'retry-after': '7' })
    });
    expect((await problemFrom(service.me())).retryAfter).toBe(7);
  });

  it.each([
    [404, { message: 'Not Found', reason: null }, 'extension_missing'],
    [403, { message: 'Forbidden' }, 'not_authenticated'],
    [503, '<html>Your server is stopped</html>', 'lab_unavailable'],
    [424, '<html>Your server is stopped</html>', 'lab_unavailable']
  ])('recognise a %i that is not from our routes', async (status, body, type) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { butler } = apiOf({ 'GET status': () => new Response(text, { status }) });
    expect((await problemFrom(butler.status())).type).toBe(type);
  });

  it('tell of a lab that gives no answer at all', async () => {
    const { butler } = apiOf({
      'GET status': () => {
        throw new TypeError('Failed to fetch');
      }
    });
    expect(await problemFrom(butler.status())).toMatchObject({
      type: 'lab_unreachable',
      status: null
    });
  });

  it.each([
    ['another shape', { ...STATUS, butler: null }],
    ['a word that is not in the contract', { ...STATUS, butler: { ok: 'yes', error: null } }],
    ['no object', []]
  ])('tell of an answer that has %s, instead of believing it', async (_what, body) => {
    const { butler } = apiOf({ 'GET status': body });
    expect((await problemFrom(butler.status())).type).toBe('unexpected_answer');
  });

  it('tell of an export in a state that this panel does not know', async () => {
    const odd = { ...EXPORT, state: 'ENTANGLED' };
    const { service } = apiOf({ 'GET service/exports': { exports: [odd], next_cursor: null } });
    const found = await problemFrom(service.exports());
    expect(found.details[0].msg).toMatch(/exports\[0\]\.state is not one of SUBMITTED/);
  });

  it('tell of HTML in place of JSON', async () => {
    const { butler } = apiOf({ 'GET status': () => new Response('<html></html>') });
    expect((await problemFrom(butler.status())).type).toBe('unexpected_answer');
  });

  it.each([
    [problemOf('lab_unreachable'), true],
    [problemOf('service_timeout', '', 504), true],
    [problemOf('internal', '', 500), true],
    [problemOf('invalid', '', 422), false],
    [problemOf('repository_unavailable', '', 503), false]
  ])('know whether a change may have been made: %j', (found, unknown) => {
    expect(outcomeUnknown(found)).toBe(unknown);
  });
});

describe('whole numbers', () => {
  it('that a double holds stay numbers', () => {
    expect(parseJson('{"htm20": 15834577031168}')).toEqual({ htm20: 15834577031168 });
  });

  it('that it does not hold keep their digits', () => {
    expect(parseJson('{"id": 9007199254740993}')).toEqual({ id: '9007199254740993' });
  });
});
