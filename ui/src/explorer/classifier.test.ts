import { expect, test } from 'vitest';
import { curveOf, matrixOf } from './classifier';

const CURVE = { aim: 'roc', x: [0, 0.5, 1], y: [0, 1, 1], thresholds: [null, 0.5, 0.1], area: 0.75 };
const MATRIX = {
  aim: 'confusion',
  labels: ['a', 'b'],
  counts: [
    [1, 0],
    [2, 3],
  ],
};

test('reads a curve', () => {
  const curve = curveOf(CURVE);
  expect([curve.kind, [...curve.x], [...curve.thresholds], curve.area]).toEqual([
    'roc',
    [0, 0.5, 1],
    [NaN, 0.5, 0.1],
    0.75,
  ]);
});

test.each([
  ['text', 'x'],
  ['null', null],
  ['another kind', { ...CURVE, aim: 'plotly' }],
  ['no lists', { ...CURVE, x: 5 }],
  ['lengths', { ...CURVE, y: [0, 1] }],
  ['texts', { ...CURVE, x: [0, 'a', 1] }],
  ['range', { ...CURVE, y: [0, 1, 2] }],
  ['many points', { ...CURVE, x: Array(20_000).fill(0) }],
])('refuses a damaged curve: %s', (_, json) => {
  expect(() => curveOf(json)).toThrow();
});

test('reads a matrix', () => {
  expect(matrixOf(MATRIX)).toEqual({
    labels: ['a', 'b'],
    counts: [
      [1, 0],
      [2, 3],
    ],
  });
});

test.each([
  ['ragged', { ...MATRIX, counts: [[1], [2, 3]] }],
  ['not square', { ...MATRIX, counts: [[1, 2]] }],
  [
    'negative',
    {
      ...MATRIX,
      counts: [
        [1, -1],
        [2, 3],
      ],
    },
  ],
  ['labels', { ...MATRIX, labels: [1, 2] }],
  ['many classes', { labels: Array(2_000).fill('a'), counts: [] }],
])('refuses a damaged matrix: %s', (_, json) => {
  expect(() => matrixOf(json)).toThrow();
});
