import { expect, test } from 'vitest';
import { FLAT, frameOf, moved, project, turned, zoomed } from './camera';

const placed = (xyz: number[], view = FLAT): number[] => {
  const into = new Float32Array(xyz.length);
  const points = Float32Array.from(xyz);
  project(points, { middle: [0, 0, 0], reach: 1 }, view, [100, 100], into);
  return [...into].map((value) => Math.round(value * 100) / 100);
};

test('the frame of a cloud', () => {
  expect(frameOf(Float32Array.from([0, 0, 0, 4, 2, 1]))).toEqual({ middle: [2, 1, 0.5], reach: 2 });
  expect(frameOf(Float32Array.from([5, 5, 5]))).toEqual({ middle: [5, 5, 5], reach: 1 });
  expect(frameOf(new Float32Array(0))).toEqual({ middle: [0, 0, 0], reach: 1 });
});

test.each([
  ['the middle', [0, 0, 0], [50, 50, 1]],
  ['right and up', [1, 1, 0], [92, 8, 1]],
  ['nearer is larger', [1, 0, 1], [113, 50, 0.67]],
])('seen from the front: %s', (_, xyz, expected) => expect(placed(xyz)).toEqual(expected));

test('a turn, a zoom and a shift', () => {
  expect(placed([1, 0, 0], turned(FLAT, Math.PI / 2, 0))).toEqual([50, 50, 1.33]);
  expect(placed([1, 0, 0], zoomed(FLAT, 0.5))).toEqual([71, 50, 1]);
  expect(placed([0, 0, 0], moved(FLAT, 3, -4))).toEqual([53, 46, 1]);
});

test('there are limits', () => {
  expect(turned(FLAT, 0, 9).pitch).toBeCloseTo(Math.PI / 2);
  expect([zoomed(FLAT, 1e9).zoom, zoomed(FLAT, 0).zoom]).toEqual([100, 0.1]);
});
