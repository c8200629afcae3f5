import { describe, expect, test } from 'vitest';
import { atBestOf, bestIndex, reduce } from './reduce';

const of = (...y: number[]) => Float64Array.from(y);

describe('reduce', () => {
  test.each([
    ['first', 3],
    ['last', NaN],
    ['min', 1],
    ['max', 5],
    ['mean', 3],
  ] as const)('%s of 3, 1, inf, 5, NaN', (reducer, wanted) =>
    expect(reduce(of(3, 1, Infinity, 5, NaN), reducer)).toBe(wanted),
  );

  test.each(['first', 'last', 'min', 'max', 'mean'] as const)('%s of nothing', (reducer) => {
    expect(reduce(of(), reducer)).toBeNaN();
    expect(reduce(of(NaN), reducer)).toBeNaN();
  });

  test.each([
    ['min', 1],
    ['max', 2],
  ] as const)('the first of equals is the best %s', (goal, wanted) =>
    expect(bestIndex(of(NaN, 1, 7, 1, 7), goal)).toBe(wanted),
  );

  test.each([
    ['the same x', [0, 1, 2], [10, 11, 12], 11],
    ['the latest before', [0, 0.5, 2], [10, 11, 12], 11],
    ['of equal x the later', [0, 1, 1], [10, 11, 12], 12],
    ['not begun', [5], [10], NaN],
  ])('at the best of another: %s', (_, x, y, wanted) => {
    const other = { x: of(0, 1, 2), y: of(3, 0.5, 2) };
    expect(atBestOf({ x: of(...x), y: of(...y) }, other, 'min')).toBe(wanted);
  });

  test('another that never had a value has no best', () =>
    expect(atBestOf({ x: of(0), y: of(1) }, { x: of(0), y: of(NaN) }, 'max')).toBeNaN());
});
