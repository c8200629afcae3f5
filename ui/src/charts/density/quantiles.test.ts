import { describe, expect, test } from 'vitest';
import { trace } from '../testing';
import { quantiles } from './quantiles';

const grid = { columns: 100, rows: 100, left: 0, top: 0, wide: 1, high: 1 };
/** The heights at x = 0, 12, ... 96, in the unit of the lines, of which one is a pixel and 0 is at the bottom. */
const heights = (lines: readonly (readonly number[])[], part: number, x?: readonly number[]): number[] => {
  const [path] = quantiles(
    lines.map((y) => trace(y, x ?? [0, 100])),
    grid,
    [part],
  );
  return [...(path?.py ?? [])].map((py) => 100 - py);
};

const flat = Array.from({ length: 101 }, (_, i) => [i - 0.5, i - 0.5]);

describe('quantiles of lines', () => {
  test.each([
    [0.05, 5],
    [0.25, 25],
    [0.5, 50],
    [0.75, 75],
    [0.95, 95],
  ])('%d of level lines at every height', (part, expected) => {
    for (const height of heights(flat, part)) expect(Math.abs(height - expected)).toBeLessThanOrEqual(1);
  });

  test('it follows lines that rise', () => {
    const rising = Array.from({ length: 9 }, (_, i) => [i, 90 + i]);
    heights(rising, 0.5).forEach((height, place) => {
      expect(Math.abs(height - (4 + (place * 12 * 90) / 100))).toBeLessThanOrEqual(1);
    });
  });

  test('few lines have none', () => {
    expect(heights(flat.slice(0, 4), 0.5).every(Number.isNaN)).toBe(true);
    expect(heights(flat.slice(0, 5), 0.5).some(Number.isNaN)).toBe(false);
  });

  test('lines that have ended do not count', () => {
    const short = flat.slice(0, 40).map(() => trace([10, 10], [0, 50]));
    const long = flat.slice(0, 10).map(() => trace([90, 90], [0, 100]));
    const [path] = quantiles([...short, ...long], grid, [0.5]);
    expect(100 - (path?.py[1] ?? NaN)).toBeCloseTo(10, -1);
    expect(100 - (path?.py[7] ?? NaN)).toBeCloseTo(90, -1);
  });

  test('lines above the plot count, and what lies there is not drawn in it', () => {
    const above = flat.slice(0, 30).map(() => [500, 500]);
    const within = flat.slice(0, 10).map(() => [20, 20]);
    for (const height of heights([...above, ...within], 0.5)) expect(height).toBeGreaterThan(100);
    for (const height of heights([...above, ...within], 0.1)) expect(height).toBeCloseTo(20, -1);
  });
});
