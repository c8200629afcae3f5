import { beforeEach, describe, expect, test, vi } from 'vitest';
import { address } from '../../data/api';
import { ApiError } from '../../data/error';
import type { Result } from '../../data/result';
import type { Search } from '../../data/search';
import { serverSource } from '../../data/source';
import { resultOf, runRow } from '../../data/testing';
import { itemAt } from '../../text/lists';
import { WallCurves } from './wallCurves';

interface Request {
  readonly wanted: Search;
  readonly signal: AbortSignal;
  readonly answer: (length?: number) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

let asked: Request[];
let curves: WallCurves;
const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const names = ({ wanted }: Request): string[] => wanted.q.replace(/ if .*/, '').split(', ');

function answerTo({ q, only = [] }: Search, length: number): Result {
  const series = q
    .replace(/ if .*/, '')
    .split(', ')
    .map((name) => ({ name, y: Array.from({ length }, (_, at) => at) }));
  return { ...resultOf(only.map((id) => ({ run: runRow(id), series }))), revision: 'p-1' };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  curves = new WallCurves(
    serverSource,
    (wanted, signal) =>
      new Promise((resolve, reject) => {
        const settle = async (act: () => void): Promise<void> => {
          act();
          await vi.advanceTimersByTimeAsync(0);
        };
        asked.push({
          wanted,
          signal,
          answer: (length = 1) => settle(() => resolve(answerTo(wanted, length))),
          fail: (error) => settle(() => reject(error)),
        });
      }),
    7000,
  );
  curves.want({ runs: [A, B], x: 'step', smooth: 0, sources: [''] });
});

const many = (count: number, from = 0): string[] => Array.from({ length: count }, (_, at) => `m${from + at}`);
const rest = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);
const request = (at: number): Request => itemAt(asked, at);

describe('curves', () => {
  test('several charts a request, thinned, without params, and a few requests at a time', async () => {
    curves.see(many(100));
    await rest();
    expect(asked.map((one) => names(one).length)).toEqual([24, 24, 24]);
    expect(request(0).wanted).toMatchObject({ only: [A, B], columns: 120, params: false, x: 'step' });
    await request(0).answer();
    await rest();
    expect(curves.of('m0')?.map(({ run }) => run.id)).toEqual([A, B]);
    expect(curves.of('m24')).toBeUndefined();
    expect(names(request(3))).toEqual(many(24, 72));
  });

  test('a request is canceled when none of its charts is in sight anymore', async () => {
    curves.see(many(48));
    await rest();
    curves.see(many(24, 40));
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await request(1).answer();
    await rest();
    expect(names(request(2))).toEqual(many(16, 48));
  });

  test('nothing is requested while no chart is in sight, and what is out of date afterwards', async () => {
    curves.see(['loss']);
    await rest();
    curves.see([]);
    curves.changed([A]);
    await rest();
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true]);
    curves.see(['loss']);
    await rest();
    expect(request(1).wanted.only).toEqual([A, B]);
  });

  test('only what an added run lacks is requested, and a removed run is gone at once', async () => {
    curves.want({ runs: [A], x: 'step', smooth: 0, sources: [''] });
    curves.see(['loss']);
    await rest();
    await request(0).answer();
    curves.want({ runs: [A, B], x: 'step', smooth: 0, sources: [''] });
    await rest();
    expect(request(1).wanted.only).toEqual([B]);
    await request(1).answer();
    expect(curves.of('loss')?.map(({ run }) => run.id)).toEqual([A, B]);
    curves.want({ runs: [B], x: 'step', smooth: 0, sources: [''] });
    expect(curves.of('loss')?.map(({ run }) => run.id)).toEqual([B]);
    await rest();
    expect(asked).toHaveLength(2);
  });

  test('news of a run are requested while the old line stays, those of other runs are not', async () => {
    curves.see(['loss']);
    await rest();
    await request(0).answer();
    curves.changed(['c'.repeat(32)]);
    await rest();
    expect(asked).toHaveLength(1);
    curves.changed([B]);
    await rest();
    expect(request(1).wanted.only).toEqual([B]);
    expect(curves.of('loss')).toHaveLength(2);
    await request(1).answer(5);
    expect(curves.of('loss')?.map(({ y }) => y.length)).toEqual([1, 5]);
  });

  test('news that arrive during a request are requested after it', async () => {
    curves.see(['loss']);
    await rest();
    curves.changed([B]);
    await rest();
    await request(0).answer();
    expect(asked).toHaveLength(1);
    await rest();
    expect(asked.slice(1).map(({ wanted }) => wanted.only)).toEqual([[B]]);
    await request(1).answer();
    await rest();
    expect(asked).toHaveLength(2);
  });

  test('charts that come into sight do not wait for the pause of news', async () => {
    curves.see(['loss']);
    await rest();
    await request(0).answer();
    curves.changed([A]);
    curves.see(['loss', 'accuracy']);
    await vi.advanceTimersByTimeAsync(100);
    expect(asked.slice(1).map(names)).toEqual([['accuracy']]);
    await rest();
    expect(asked.slice(2).map(names)).toEqual([['loss']]);
  });

  test.each([
    ['p-0', 1],
    ['p-1', 1],
    ['p-2', 2],
    ['q-0', 2],
  ])('after news from %s on there are %i requests', async (revision, count) => {
    curves.see(['loss']);
    await rest();
    await request(0).answer();
    curves.heard(revision);
    await rest();
    expect(asked).toHaveLength(count);
  });

  test('an answer from before the news is requested again', async () => {
    curves.see(['loss']);
    await rest();
    curves.heard('p-2');
    await request(0).answer();
    await rest();
    expect(asked).toHaveLength(2);
  });

  test('the ids of many runs are split so that they fit into an address, and asked for at once', async () => {
    const runs = Array.from({ length: 300 }, (_, at) => at.toString(16).padStart(32, '0'));
    curves.want({ runs, x: 'step', smooth: 0, sources: [''] });
    curves.see(['loss', 'accuracy']);
    await rest();
    expect(asked.map(({ wanted }) => wanted.only?.length)).toEqual([200, 100]);
    await request(1).answer();
    await request(0).answer();
    await rest();
    expect(asked).toHaveLength(2);
    expect(curves.of('accuracy')?.map(({ run }) => run.id)).toEqual(runs);
  });

  test('the most runs of a dashboard are one request', async () => {
    const runs = Array.from({ length: 200 }, (_, at) => at.toString(16).padStart(32, '0'));
    curves.want({ runs, x: 'step', smooth: 0, sources: [''] });
    curves.see(many(12).map((name) => `model/a long name of a metric ${name}`));
    await rest();
    expect(asked.map(({ wanted: { q, x, only } }) => address('series', { q, x, only: only?.join() }).length)).toEqual([
      expect.toSatisfy((length: number) => length < 8000),
    ]);
    expect(request(0).wanted.only).toEqual(runs);
  });

  test('another axis forgets all lines, other smoothing shows the old ones until the new ones arrive', async () => {
    curves.see(['loss']);
    await rest();
    await request(0).answer();
    curves.want({ runs: [A, B], x: 'step', smooth: 0.5, sources: [''] });
    await rest();
    expect(request(1).wanted.smooth).toBe(0.5);
    expect(curves.of('loss')).toHaveLength(2);
    curves.want({ runs: [A, B], x: 'time', smooth: 0.5, sources: [''] });
    expect(curves.of('loss')).toBeUndefined();
  });

  test('a chart that the server refuses does not take others with it', async () => {
    const refused = new ApiError({ message: 'too many', hint: null, start: null, end: null }, 400);
    curves.see(['good', 'bad']);
    await rest();
    await request(0).fail(refused);
    await rest();
    expect(asked.slice(1).map(names)).toEqual([['good'], ['bad']]);
    await request(1).answer();
    await request(2).fail(refused);
    expect(curves.problemOf('bad')?.message).toBe('too many');
    expect(curves.of('good')).toHaveLength(2);
    expect(curves.problem).toBeNull();
    await rest();
    expect(asked).toHaveLength(3);
  });

  test('while the server is away nothing is requested until it is back', async () => {
    curves.see(['loss']);
    await rest();
    await request(0).fail(new ApiError({ message: 'away', hint: null, start: null, end: null }, 0, false));
    await rest();
    expect([asked.length, curves.problem?.message]).toEqual([1, 'away']);
    curves.again();
    await rest();
    expect([asked.length, curves.problem]).toEqual([2, null]);
  });

  test('the least recently seen charts are forgotten where there are too many', async () => {
    for (let at = 0; at < 8; at++) {
      curves.see([`m${at}`]);
      await rest();
      await request(at).answer();
    }
    expect(many(8).filter((name) => curves.of(name))).toEqual(many(3, 5));
    expect(curves.byKey.size).toBe(6);
  });
});
