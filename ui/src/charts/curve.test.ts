import { describe, expect, test } from 'vitest';
import { itemAt } from '../text/lists';
import { curveThrough } from './curve';

const through = (px: readonly number[], py: readonly number[]) =>
  curveThrough({ px: Float32Array.from(px), py: Float32Array.from(py) });

describe('curve', () => {
  test('passes through every point and never beyond its neighbors', () => {
    const px = [0, 20, 40, 80, 100];
    const py = [0, 50, 50, 10, 90];
    const made = through(px, py);
    px.forEach((x, i) => expect(made.py[made.px.indexOf(x)]).toBe(py[i]));
    for (let k = 0, i = 0; k < made.px.length; k++) {
      while (i + 2 < px.length && (made.px[k] ?? NaN) > itemAt(px, i + 1)) i++;
      const ends = py.slice(i, i + 2);
      expect(made.py[k]).toBeGreaterThanOrEqual(Math.min(...ends) - 1e-4);
      expect(made.py[k]).toBeLessThanOrEqual(Math.max(...ends) + 1e-4);
    }
  });

  test('a straight line stays straight', () => {
    const made = through([0, 10, 30, 60], [0, 10, 30, 60]);
    expect(made.px.length).toBeGreaterThan(4);
    made.px.forEach((x, i) => expect(made.py[i]).toBeCloseTo(x, 4));
  });

  test('stays broken where a value is missing', () => {
    const made = through([0, 10, 20, 30, 40], [0, 5, NaN, 5, 0]);
    expect([...made.px]).toContain(20);
    expect([...made.py].filter(Number.isNaN).length).toBe(1);
  });

  test('points too close for a curve to be seen, or too few, are left', () => {
    const points = { px: Float32Array.of(0, 1, 2, 3), py: Float32Array.of(0, 1, 0, 1) };
    expect(curveThrough(points)).toBe(points);
    expect([...through([0, 50], [0, 1]).px]).toEqual([0, 50]);
  });
});
