import { describe, expect, test } from 'vitest';
import { itemAt } from '../text/lists';
import { lonePoints, tracePath } from './path';

type Stroke = [number, number][];

function traced(x: readonly number[], y: readonly number[], column = 1): Stroke[] {
  const strokes: Stroke[] = [];
  const pen = {
    moveTo: (a: number, b: number) => void strokes.push([[a, b]]),
    lineTo: (a: number, b: number) => void strokes.at(-1)?.push([a, b]),
  };
  tracePath(pen, Float32Array.from(x), Float32Array.from(y), column);
  return strokes;
}

describe('path', () => {
  test('with room for every point each is visited', () => {
    expect(traced([0, 10, 20], [1, 2, 3])).toEqual([
      [
        [0, 1],
        [10, 2],
        [20, 3],
      ],
    ]);
  });

  test('a value that is not finite breaks the line', () => {
    expect(traced([0, 10, 20, 30, 40], [1, 2, NaN, 3, 4])).toEqual([
      [
        [0, 1],
        [10, 2],
      ],
      [
        [30, 3],
        [40, 4],
      ],
    ]);
    expect(traced([0, NaN, 20], [1, 2, 3])).toEqual([[[0, 1]], [[20, 3]]]);
  });

  test('first, lowest, highest and last stand for a column, in their order', () => {
    const x = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 5];
    expect(traced(x, [3, 1, 2, 9, 4, 5, 6])).toEqual([
      [
        [0, 3],
        [0.125, 1],
        [0.375, 9],
        [0.625, 5],
        [5, 6],
      ],
    ]);
  });

  test('a column is a device pixel', () => {
    expect(traced([0, 0.25, 0.5, 0.75], [0, 5, 1, 0], 0.5)).toEqual([
      [
        [0, 0],
        [0.25, 5],
        [0.5, 1],
        [0.75, 0],
      ],
    ]);
  });

  test.each([1, 3, 7, 499, 500, 99_998, 99_999])('a spike planted at %d of 100,000 points survives', (at) => {
    const n = 100_000;
    const x = Array.from({ length: n }, (_, i) => (i / n) * 800);
    const y = Array.from({ length: n }, (_, i) => 200 + Math.sin(i));
    y[at] = 7;
    const points = traced(x, y).flat();
    expect(points.length).toBeLessThan(800 * 4 + 1);
    expect(points.some(([, height]) => height === 7)).toBe(true);
  });

  test('each column keeps its true lowest and highest', () => {
    const n = 20_000;
    const x = Array.from({ length: n }, (_, i) => (i / n) * 100);
    const y = Array.from({ length: n }, (_, i) => Math.fround(((i * 7919) % 1013) + Math.sin(i)));
    const points = traced(x, y).flat();
    for (let column = 0; column < 100; column++) {
      const all = y.filter((_, i) => Math.floor(Math.fround(itemAt(x, i))) === column);
      const kept = points.filter(([px]) => Math.floor(px) === column).map(([, height]) => height);
      expect([Math.min(...kept), Math.max(...kept)]).toEqual([Math.min(...all), Math.max(...all)]);
    }
  });

  test('x may go back, as a relative time does after a resume', () => {
    expect(traced([0, 10, 5, 15], [1, 2, 3, 4])).toEqual([
      [
        [0, 1],
        [10, 2],
        [5, 3],
        [15, 4],
      ],
    ]);
  });

  test('points between breaks stand alone', () => {
    const x = Float32Array.of(0, 1, 2, 3, 4);
    expect(lonePoints(x, Float32Array.of(1, NaN, 2, 3, NaN))).toEqual([0]);
    expect(lonePoints(Float32Array.of(5), Float32Array.of(5))).toEqual([0]);
    expect(lonePoints(x, Float32Array.of(NaN, NaN, 1, NaN, 1))).toEqual([2, 4]);
  });
});
