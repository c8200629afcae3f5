import { expect, test } from 'vitest';
import { columnsBetween, rowsIn } from './virtual';

test.each([
  [0, 300, 30, 10000, 0, [0, 10]],
  [150000, 300, 30, 10000, 2, [4998, 5012]],
  [299900, 300, 30, 10000, 2, [9994, 10000]],
  [5000, 300, 30, 3, 2, [3, 3]],
  [0, 0, 30, 0, 6, [0, 0]],
] as const)('at %i of height %i: rows of %i, %i of them', (top, height, row, count, overscan, expected) => {
  const [first, end] = rowsIn(top, height, row, count, overscan);
  expect([first, end]).toEqual(expected);
});

test.each([
  [0, 150, [0, 3]],
  [100, 100, [0, 3]],
  [250, 100, [1, 4]],
  [900, 100, [3, 4]],
] as const)('columns from %i of width %i', (left, width, expected) => {
  expect(columnsBetween(left, width, [0, 100, 200, 300, 400])).toEqual(expected);
});
