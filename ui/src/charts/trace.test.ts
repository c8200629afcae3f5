import { describe, expect, test } from 'vitest';
import { makeScale } from './scales';
import { line, trace, unit } from './testing';
import { isSorted, lowerBound, makeTrace, shownValues, upperBound, windowOf } from './trace';

describe('trace', () => {
  test.each([
    [0, 0, 0],
    [1, 0, 2],
    [2, 2, 3],
    [9, 4, 4],
  ])('bounds of %d in 1 1 2 4', (value, low, high) => {
    const values = Float64Array.of(1, 1, 2, 4);
    expect([lowerBound(values, value), upperBound(values, value)]).toEqual([low, high]);
  });

  test('a window takes one neighbor on each side, so that the line reaches the edge', () => {
    const x = Float64Array.of(0, 10, 20, 30, 40);
    expect(windowOf(x, [15, 25], 1)).toEqual([1, 4]);
    expect(windowOf(x, [12, 14], 1)).toEqual([1, 3]);
    expect(windowOf(x, [0, 40], 1)).toEqual([0, 5]);
    expect(windowOf(x, [50, 60], 0)).toEqual([5, 5]);
  });

  test('only the window becomes pixels', () => {
    const { from, px, py } = trace([5, 6, 7, 8], [-50, -10, 50, 150]);
    expect(from).toBe(1);
    expect([...px]).toEqual([-10, 50, 150]);
    expect([...py]).toEqual([94, 93, 92]);
  });

  test('a neighbor a billion pixels away keeps the slope of its segment', () => {
    const made = line([0, 100], [0, 1e9]);
    const x = makeScale('linear', [5e8, 5e8 + 1], [0, 1000]);
    const { px, py } = makeTrace(made, x, unit.y, made.y);
    expect(px[0]).toBe(-64);
    expect(py[0]).toBeCloseTo(50, 4);
    expect(px[1]).toBe(1064);
    expect(py[1]).toBeCloseTo(50, 4);
  });

  test.each([
    [[], true],
    [[1, 1, 2], true],
    [[1, 0], false],
    [[NaN, 1], false],
    [[1, NaN, 2], false],
  ])('%j sorted: %s', (x, sorted) => expect(isSorted(Float64Array.from(x))).toBe(sorted));

  test('all of an unsorted line is kept', () => expect(trace([1, 2, 3], [50, 500, 60]).px.length).toBe(3));

  test('smoothing is computed once for an array and an amount', () => {
    const made = line([1, 2, 3]);
    const first = shownValues(made.y, { kind: 'ema', amount: 0.5 });
    expect(shownValues(made.y, { kind: 'ema', amount: 0.5 })).toBe(first);
    expect(shownValues(made.y, { kind: 'ema', amount: 0.6 })).not.toBe(first);
    expect(shownValues(made.y, { kind: 'none', amount: 0 })).toBe(made.y);
  });
});
