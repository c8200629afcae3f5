import { describe, expect, test } from 'vitest';
import { ema, movingAverage, smooth } from './smooth';

const close = (got: Float64Array, wanted: readonly number[]) => {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((value, i) =>
    Number.isFinite(value) ? expect(got[i]).toBeCloseTo(value, 12) : expect(got[i]).toBe(value),
  );
};

describe('smoothing', () => {
  /** By hand: s = s * f + v * (1 - f), divided by 1 - f^n. */
  test.each([
    [0.5, [4, 8], [4, (4 * 0.25 + 8 * 0.5) / 0.75]],
    [0.5, [1, 2, 3], [1, 1.25 / 0.75, 2.125 / 0.875]],
    [0.9, [10, 10, 10], [10, 10, 10]],
    [0, [1, 5, 2], [1, 5, 2]],
    [0.5, [4, NaN, 8], [4, NaN, 5 / 0.75]],
    [0.5, [Infinity, 4, -Infinity, 8], [Infinity, 4, -Infinity, 5 / 0.75]],
    [0.5, [], []],
  ])('ema %d of %j is %j', (factor, values, wanted) => close(ema(Float64Array.from(values), factor), wanted));

  test.each([
    [3, [1, 2, 6, 3], [1.5, 3, 11 / 3, 4.5]],
    [1, [1, 2, 3], [1, 2, 3]],
    [99, [1, 2, 3], [2, 2, 2]],
    [3, [1, NaN, 3, 5], [1, NaN, 4, 4]],
    [3, [1, Infinity, 3], [1, Infinity, 3]],
  ])('average of %d over %j is %j', (window, values, wanted) =>
    close(movingAverage(Float64Array.from(values), window), wanted),
  );

  test('a spike of 1e30 leaves no trace in a later average', () => {
    expect([...movingAverage(Float64Array.of(1, 1e30, 1, 1, 1), 3)].slice(3)).toEqual([1, 1]);
  });

  test('no smoothing hands back the same array', () => {
    const values = Float64Array.of(1, 2);
    expect(smooth(values, { kind: 'none', amount: 0.9 })).toBe(values);
    expect(smooth(values, { kind: 'ema', amount: 0 })).toBe(values);
    expect(smooth(values, { kind: 'average', amount: 1 })).toBe(values);
  });
});
