import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DetailLoader, fitting, type DetailState, type Wanted } from './detail';
import { ApiError } from './error';
import type { DataSource } from './source';
import { answer, runRow } from './testing';

const wanted: Wanted = { q: 'loss', x: 'step', columns: 800, smooth: 0.5, average: 1 };
const frames = (): Response =>
  new Response(new Blob(answer([{ run: runRow('a'), series: [{ name: 'loss', y: [1, 2] }] }]) as BlobPart[]));
const AWAY = new ApiError({ message: 'Away.', hint: null, start: null, end: null }, 0, false);

let signals: AbortSignal[];
let respond: () => Promise<Response>;
let state: DetailState;
let loader: DetailLoader;

beforeEach(() => {
  vi.useFakeTimers();
  signals = [];
  respond = () => Promise.resolve(frames());
  const source: DataSource = {
    request: (_, init) => {
      if (init?.signal) signals.push(init.signal);
      return respond();
    },
    urlOf: (path) => path,
    follow: () => () => undefined,
  };
  loader = new DetailLoader(source, (next) => (state = next));
  loader.ask(wanted, 'p-0');
});
afterEach(() => vi.useRealTimers());

/** News every 0.4 s, as of a running run. */
async function live(seconds: number): Promise<void> {
  for (let at = 1; at <= seconds / 0.4; at++) {
    await vi.advanceTimersByTimeAsync(400);
    loader.ask({ ...wanted }, `p-${at}`);
  }
}

test('a running run is followed while news come faster than it is asked', async () => {
  await live(10);
  expect(signals.length).toBeGreaterThanOrEqual(4);
  expect(signals.length).toBeLessThanOrEqual(6);
});

test('news do not end a request in flight', async () => {
  let send: (response: Response) => void = () => undefined;
  respond = () => new Promise((resolve) => (send = resolve));
  await live(4);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  send(frames());
  await vi.advanceTimersByTimeAsync(2000);
  expect(state.fine?.series.size).toBe(1);
  expect(signals.length).toBe(2);
});

test('without news it is asked once', async () => {
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals.length).toBe(1);
});

test.each([
  ['the same drawing', {}, true],
  ['another window', { lo: 1, hi: 2 }, true],
  ['another axis', { x: 'time' as const }, false],
  ['another factor', { smooth: 0.9 }, false],
  ['a moving average', { average: 5 }, false],
])('points are used for %s before newer ones arrive: %o', async (_, change, used) => {
  await vi.advanceTimersByTimeAsync(200);
  loader.ask({ ...wanted, ...change }, 'p-0');
  expect(fitting(state, { ...wanted, ...change }) !== null).toBe(used);
});

test('a failure is told and tried again, after longer and longer pauses', async () => {
  respond = () => Promise.reject(AWAY);
  await live(12);
  expect(state).toEqual({ fine: null, problem: AWAY.problem });
  expect(signals.length).toBe(3);
  respond = () => Promise.resolve(frames());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.problem).toBeNull();
  expect(state.fine?.series.size).toBe(1);
});

test('after a failure, older points of the same request stay and those of another window go', async () => {
  await vi.advanceTimersByTimeAsync(200);
  respond = () => Promise.reject(AWAY);
  loader.ask(wanted, 'p-1');
  await vi.advanceTimersByTimeAsync(2000);
  expect([state.fine?.series.size, state.problem]).toEqual([1, AWAY.problem]);
  loader.ask({ ...wanted, lo: 1, hi: 2 }, 'p-1');
  await vi.advanceTimersByTimeAsync(200);
  expect([state.fine, state.problem]).toEqual([null, AWAY.problem]);
});

test('nothing wanted ends the request and drops the points', async () => {
  respond = () => new Promise(() => undefined);
  await vi.advanceTimersByTimeAsync(200);
  loader.ask(null, 'p-1');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});
