import { expect, test } from 'vitest';
import { drawPoints, makeRaster, pointAt } from './raster';

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];
const drawn = (placed: number[], rgb: number[], size = 1): number[][] => {
  const raster = makeRaster(4, 4);
  drawPoints(raster, Float32Array.from(placed), Uint8Array.from(rgb), size, [255, 255, 255]);
  return Array.from({ length: 16 }, (_, i) => [...raster.pixels.slice(4 * i, 4 * i + 4)]);
};
const inked = (pixels: number[][]): number[] => pixels.flatMap(([, , , a], i) => (a ? [i] : []));

test('the nearer point is in front, whatever their order', () => {
  expect(drawn([1, 1, 0.7, 1, 1, 0.5], [...RED, ...BLUE])[5]).toEqual([...BLUE, 255]);
  expect(drawn([1, 1, 0.5, 1, 1, 0.7], [...BLUE, ...RED])[5]).toEqual([...BLUE, 255]);
});

test('points are squares, cut at the edges', () => {
  expect(inked(drawn([1, 1, 0.5], RED, 3))).toEqual([0, 1, 2, 4, 5, 6, 8, 9, 10]);
  expect(inked(drawn([0, 0, 0.5], RED, 3))).toEqual([0, 1, 4, 5]);
});

test.each([
  ['behind the eye', [1, 1, -1]],
  ['at the eye', [1, 1, 0]],
  ['outside', [9, 1, 0.5]],
  ['NaN', [1, 1, NaN]],
])('nothing is drawn of a point %s', (_, placed) => expect(inked(drawn(placed, RED))).toEqual([]));

test('far points are mixed with the fog', () => {
  const [pixel] = drawn([0, 0, 1.2], RED);
  expect(pixel?.[1]).toBeGreaterThan(50);
});

test.each([
  [10, 10, 0],
  [21, 20, 2],
  [50, 50, -1],
])('the point at %d, %d', (x, y, expected) => {
  const placed = Float32Array.from([10, 10, 1, 20, 20, 0.9, 20, 20, 0.5]);
  expect(pointAt(placed, x, y, 5)).toBe(expected);
});
