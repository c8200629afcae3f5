import { expect, test } from 'vitest';
import { makeScale } from '../scales';
import { nearestPoint } from './nearest';

const scales = { x: makeScale('linear', [0, 1], [0, 100]), y: makeScale('linear', [0, 1], [100, 0]) };
const curve = (x: number[], y: number[]) => ({
  x: Float64Array.from(x),
  y: Float64Array.from(y),
  thresholds: Float64Array.from(x, (_, i) => 1 - i / 10),
});
const CURVES = [curve([0, 0.5, 1], [0, 0.9, 1]), curve([0, 0.5, 1], [0, 0.6, 1])];

test.each([
  ['the upper curve', [50, 12], { curve: 0, x: 0.5, y: 0.9, threshold: 0.9 }],
  ['the lower curve', [52, 42], { curve: 1, x: 0.5, y: 0.6, threshold: 0.9 }],
  ['the first of equal points', [1, 99], { curve: 0, x: 0, y: 0, threshold: 1 }],
  ['too far away', [20, 10], null],
] as const)('%s', (_, at, expected) => {
  expect(nearestPoint(CURVES, at, scales, 20)).toEqual(expected);
});
