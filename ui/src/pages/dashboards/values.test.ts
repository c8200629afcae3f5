import { expect, test } from 'vitest';
import { resultOf, runRow } from '../../data/testing';
import { barScale, valuesOf } from './values';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const C = 'c'.repeat(32);

test('values of the runs that are shown, highest first, and no number last', () => {
  const { items } = resultOf([
    { run: runRow(A), series: [{ name: 'loss', y: [3, 1] }] },
    { run: runRow(B), series: [{ name: 'loss', y: [1, NaN] }] },
    { run: runRow(C), series: [{ name: 'loss', y: [0, 2] }] },
  ]);
  const runs = (hidden: string[]): string =>
    valuesOf(items, 'last', new Set(hidden))
      .map(({ series }) => series.run.id[0])
      .join('');
  expect(runs([])).toBe('cab');
  expect(runs([C])).toBe('ab');
});

test.each([
  [[1, 2, 4], 'linear', [null, null], 2, [0, 0.5]],
  [[-4, 4], 'auto', [null, null], -4, [0, 0.5]],
  [[-4, 4], 'auto', [null, null], 4, [0.5, 1]],
  [[1, 2, 4], 'linear', [2, 4], 3, [0, 0.5]],
  [[1, 2, 4], 'linear', [2, 4], 9, [0, 1]],
  [[1, 10, 100], 'log', [1, null], 10, [0, 0.5]],
  [[1, 10], 'log', [null, null], -1, null],
  [[NaN, 1], 'linear', [null, null], NaN, null],
  [[0], 'linear', [null, null], 0, null],
] as const)('of %j on a %s scale within %j, the bar of %d is %j', (values, scale, ends, value, expected) =>
  expect(barScale(values, scale, [...ends]).bar(value)).toEqual(expected),
);
