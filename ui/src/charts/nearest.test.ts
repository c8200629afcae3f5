import { assert, describe, expect, test } from 'vitest';
import { indexAt, nearestPoint } from './nearest';
import { plot, trace } from './testing';
import type { Trace } from './trace';

const nearestOf = (traces: readonly Trace[], x: number, y: number) => {
  const near = nearestPoint(traces, x, y, plot);
  return near && [near.trace.line.key, near.trace.from + near.at];
};

describe('nearest', () => {
  const low = trace([10, 10, 10], [0, 50, 100], { key: 'low' });
  const high = trace([80, 90, 80], [0, 50, 100], { key: 'high' });

  test.each([
    [50, 88, ['low', 1]],
    [50, 12, ['high', 1]],
    [30, 92, ['low', 1]],
    [20, 92, ['low', 0]],
    [98, 60, ['low', 2]],
    [98, 30, ['high', 2]],
  ])('at %d, %d it is %j', (x, y, wanted) => expect(nearestOf([low, high], x, y)).toEqual(wanted));

  test('a long segment between far points counts as near', () => {
    const steep = trace([0, 100], [0, 100], { key: 'steep' });
    const dots = trace([20], [40], { key: 'dots' });
    expect(nearestOf([steep, dots], 44, 56)).toEqual(['steep', 0]);
    expect(nearestOf([steep, dots], 42, 76)).toEqual(['dots', 0]);
  });

  test('a gap is not a segment', () => {
    const gap = trace([50, NaN, 50], [0, 50, 100], { key: 'gap' });
    expect(nearestOf([gap], 45, 50)).toEqual(['gap', 0]);
    expect(nearestOf([gap, low], 50, 60)).toEqual(['low', 1]);
  });

  test('agrees with a search of every segment', () => {
    const traces = Array.from({ length: 30 }, (_, k) => {
      const y = Array.from({ length: 60 }, (__, i) => 50 + 40 * Math.sin(i * 0.3 + k) * Math.cos(k * i * 0.11));
      return trace(
        y,
        y.map((__, i) => i * 1.7),
        { key: String(k) },
      );
    });
    const unsorted = traces.map((t) => ({ ...t, sorted: false }));
    for (let i = 0; i < 200; i++) {
      const [x, y] = [(i * 37) % 100, (i * 53) % 100];
      const [near, same] = [nearestPoint(traces, x, y, plot), nearestPoint(unsorted, x, y, plot)];
      assert(near && same);
      expect(near.distance).toBeCloseTo(same.distance, 6);
    }
  });

  test('points outside the plot are never picked, and nothing is nearest to nothing', () => {
    expect(nearestOf([trace([500, 50], [50, 60], { key: 'a' })], 50, 1)).toEqual(['a', 1]);
    expect(nearestOf([trace([500, 600], [40, 60], { key: 'a' })], 50, 50)).toBeNull();
    expect(nearestOf([], 50, 50)).toBeNull();
  });

  test.each([
    [[0, 10, 20], 4, 1, true, 0],
    [[0, 10, 20], 6, 1, true, 1],
    [[0, 10, 20], 20.5, 1, true, 2],
    [[0, 10, 20], 22, 1, true, -1],
    [[0, 10, 20], -2, 1, true, -1],
    [[], 0, 1, true, -1],
    [[5, 30, 10], 28, 1, false, 1],
    [[7], 7, 0, true, 0],
  ])('in %j the point at %d within %d, sorted %s: %d', (x, value, slack, sorted, index) => {
    expect(indexAt(Float64Array.from(x), value, slack, sorted)).toBe(index);
  });
});
