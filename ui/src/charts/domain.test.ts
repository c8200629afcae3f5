import { assert, describe, expect, test } from 'vitest';
import { bounded, outlierFence, padded, xExtent, yExtent } from './domain';
import { line } from './testing';

const ALL = [-Infinity, Infinity] as const;

describe('domain', () => {
  test('x covers finite values, and on a log scale positive ones', () => {
    const lines = [line([1, 1, 1], [0, 5, NaN]), line([1], [-3])];
    expect(xExtent(lines, 'linear')).toEqual([-3, 5]);
    expect(xExtent(lines, 'log')).toEqual([5, 5]);
    expect(xExtent([], 'linear')).toBeNull();
    const sorted = [line([1, 1, 1, 1, 1], [-Infinity, -2, 3, 8, Infinity]), line([1, 1], [Infinity, Infinity])];
    expect(xExtent(sorted, 'linear')).toEqual([-2, 8]);
    expect(xExtent(sorted, 'log')).toEqual([3, 8]);
    expect(xExtent([line([1], [0])], 'log')).toBeNull();
  });

  test('y covers finite values inside the window', () => {
    const lines = [line([1, 2, NaN, 9, Infinity], [0, 1, 2, 3, 4]), line([-5, 7], [1, 10])];
    expect(yExtent(lines, ALL, 'linear', false)).toEqual([-5, 9]);
    expect(yExtent(lines, [0, 2], 'linear', false)).toEqual([-5, 2]);
    expect(yExtent(lines, ALL, 'log', false)).toEqual([1, 9]);
    expect(yExtent([line([NaN, Infinity])], ALL, 'linear', false)).toBeNull();
  });

  test.each([
    [null, 'linear', [1, 9]],
    [[null, 5], 'linear', [1, 5]],
    [[-2, null], 'linear', [-2, 9]],
    [[3, 4], 'linear', [3, 4]],
    [[4, 3], 'linear', [1, 9]],
    [[20, null], 'linear', [20, 40]],
    [[null, 0.5], 'log', [0.05, 0.5]],
    [[-1, 100], 'log', [1, 100]],
  ] as const)('an axis from 1 to 9 with its ends set to %j on a %s scale', (bounds, scale, wanted) =>
    expect(bounded([1, 9], bounds, scale)).toEqual(wanted),
  );

  test('the window also holds for x that goes back', () => {
    expect(yExtent([line([1, 2, 3], [0, 10, 5])], [0, 6], 'linear', false)).toEqual([1, 3]);
  });

  test('one spike among many is left out on request only', () => {
    const y = Array.from({ length: 500 }, (_, i) => 1 + (i % 10) / 10);
    y[77] = 1e6;
    y[78] = -1e6;
    expect(yExtent([line(y)], ALL, 'linear', true)).toEqual([1, 1.9]);
    expect(yExtent([line(y)], ALL, 'linear', false)).toEqual([-1e6, 1e6]);
  });

  test('the high start of a falling loss stays in view', () => {
    const y = Array.from({ length: 500 }, (_, i) => 0.1 + 10 * Math.exp(-i / 100));
    expect(yExtent([line(y)], ALL, 'linear', true)?.[1]).toBe(10.1);
  });

  test('a few runs that diverge do not flatten the others', () => {
    const good = Array.from({ length: 40 }, (_, k) =>
      line(Array.from({ length: 300 }, (__, i) => 0.4 + k / 100 + 2 * Math.exp(-i / 40))),
    );
    const bad = line(Array.from({ length: 300 }, (_, i) => (i < 100 ? 1 : 1.5 ** (i - 100))));
    const extent = yExtent([...good, bad], ALL, 'linear', true);
    assert(extent);
    const [low, high] = extent;
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(2.7);
    expect(high).toBeLessThan(6);
  });

  test('few values have no outliers', () => expect(outlierFence([line([1, 1, 1, 99])], ALL, 'linear')).toBeNull());

  test('on a log scale the fence is measured in powers', () => {
    const y = Array.from({ length: 400 }, (_, i) => 10 ** (i % 5));
    y[3] = 1e-30;
    expect(yExtent([line(y)], ALL, 'log', true)).toEqual([1, 10000]);
  });

  test.each([
    [null, 'linear', 0.05, [0, 1]],
    [null, 'log', 0.05, [0.1, 10]],
    [[0, 10], 'linear', 0.1, [-1, 11]],
    [[5, 5], 'linear', 0.1, [4.5, 5.5]],
    [[0, 0], 'linear', 0.1, [-1, 1]],
    [[3, 3], 'log', 0.1, [1, 9]],
    [[-1e308, 1.7e308], 'linear', 0.1, [-1e308, 1.7e308]],
  ] as const)('%j on a %s scale padded by %d is %j', (extent, scale, part, wanted) => {
    expect(padded(extent, scale, part)).toEqual(wanted);
  });

  test('a log extent is padded in powers', () => {
    const [low, high] = padded([1, 100], 'log', 0.5);
    expect(low).toBeCloseTo(0.1, 12);
    expect(high).toBeCloseTo(1000, 9);
  });
});
