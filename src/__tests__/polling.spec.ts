/** How often the panel asks the service for its exports. Time is jest's; the poll and the requests are real. */
import { LabClient } from '../api/lab';
import { ServiceApi } from '../api/service';
import { ExportsModel, INTERVALS } from '../model/exports';
import { COLLECTING, type EXPORT, PUBLISHED } from './support/answers';
import { FakeLab, problem, type Answer } from './support/fake-lab';

let model: ExportsModel | undefined;
let lab: FakeLab;

function pollOf(answer: Answer): ExportsModel {
  lab = new FakeLab({ 'GET service/exports': answer });
  model = new ExportsModel(new ServiceApi(new LabClient(lab.settings)));
  return model;
}

const listOf = (...exports: readonly (typeof EXPORT)[]) => ({ exports, next_cursor: null });
const times = () => lab.asked('GET service/exports').length;

/** Lets `milliseconds` pass, and gives how often the service was asked meanwhile. */
async function asksIn(milliseconds: number): Promise<number> {
  const before = times();
  await jest.advanceTimersByTimeAsync(milliseconds);
  return times() - before;
}

function setHidden(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  Object.defineProperty(document, 'visibilityState', {
    configurable: true,
    get: () => (hidden ? 'hidden' : 'visible')
  });
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  model?.dispose();
  setHidden(false);
  jest.restoreAllMocks();
  jest.useRealTimers();
});

async function start(polled: ExportsModel): Promise<void> {
  const started = polled.refresh();
  await jest.advanceTimersByTimeAsync(0);
  await started;
}

it('is often while an export moves before the PI’s eyes', async () => {
  const polled = pollOf(listOf(COLLECTING));
  polled.watched = true;
  await start(polled);
  expect(await asksIn(5 * INTERVALS.watchedMoving)).toBe(5);
});

it('is seldom while all rest', async () => {
  const polled = pollOf(listOf(PUBLISHED));
  polled.watched = true;
  await start(polled);
  expect(await asksIn(5 * INTERVALS.watchedMoving)).toBe(0);
  expect(await asksIn(INTERVALS.resting)).toBe(1);
});

it('goes on behind a closed panel while an export is under way, to tell of its end', async () => {
  const polled = pollOf(listOf(COLLECTING));
  await start(polled);
  expect(await asksIn(3 * INTERVALS.moving)).toBe(3);
  lab.change({ 'GET service/exports': listOf(PUBLISHED) });
  await asksIn(INTERVALS.moving);
  expect(await asksIn(20 * INTERVALS.resting)).toBe(0);
});

it('stands by while nobody watches and nothing is under way', async () => {
  const polled = pollOf(listOf(PUBLISHED));
  await start(polled);
  expect(await asksIn(20 * INTERVALS.resting)).toBe(0);
});

it('stands by while the browser’s tab is hidden, and goes on when it is back', async () => {
  const polled = pollOf(listOf(COLLECTING));
  polled.watched = true;
  await start(polled);
  setHidden(true);
  await asksIn(INTERVALS.watchedMoving); // The poll lingers for one more.
  expect(await asksIn(20 * INTERVALS.watchedMoving)).toBe(0);
  setHidden(false);
  expect(await asksIn(INTERVALS.watchedMoving)).toBe(1);
});

it('asks at once when the panel is opened again', async () => {
  const polled = pollOf(listOf(PUBLISHED));
  await start(polled);
  polled.watched = true;
  expect(await asksIn(0)).toBe(1);
});

it('answers a wish to refresh even while nobody watches', async () => {
  const polled = pollOf(listOf(PUBLISHED));
  await start(polled);
  await start(polled);
  expect(times()).toBe(2);
});

it('backs off while the service does not answer', async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0.9); // The poll adds jitter; a test has none.
  const polled = pollOf(() => problem(502, 'service_unreachable', 'No connection.'));
  polled.watched = true;
  await start(polled);
  expect(await asksIn(20 * INTERVALS.resting)).toBeLessThan(10);
});

it('waits as long as the platform asks', async () => {
  const polled = pollOf(() => problem(429, 'rate_limited', 'Slow.', { 'retry-after': '600' }));
  polled.watched = true;
  await start(polled);
  lab.change({ 'GET service/exports': listOf(COLLECTING) });
  expect(await asksIn(599_000)).toBe(0);
});

it('does not put an older answer over the outcome of an action', async () => {
  const cancelled = { ...COLLECTING, state: 'CANCELLED' as const };
  const polled = pollOf(listOf(COLLECTING));
  await start(polled);
  let release = (): void => undefined;
  lab.change({
    'GET service/exports': () =>
      new Promise<object>(resolve => (release = () => resolve(listOf(COLLECTING))))
  });
  const late = polled.refresh();
  await jest.advanceTimersByTimeAsync(0);
  polled.put(cancelled);
  release();
  await jest.advanceTimersByTimeAsync(0);
  await late;
  expect(polled.exports).toMatchObject({ value: [{ state: 'CANCELLED' }] });
});
