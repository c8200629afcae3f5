import { expect, test } from 'vitest';
import { ranksOf, strengthsIn } from './rank';

test('equal values share their rank', () => {
  expect(ranksOf([3, 1, 3, 2])).toEqual([2.5, 0, 2.5, 1]);
  expect(ranksOf([])).toEqual([]);
});

/** scipy 1.18.1: abs(spearmanr(x, y).statistic) of the first two. */
test.each<[string, number[], number[], boolean, number]>([
  ['a rising param', [1, 2, 3, 10], [1, 4, 9, 1e6], false, 1],
  ['one with exceptions', [1, 2, 3, 4, 5], [5, 6, 7, 8, 7], false, 0.8207826816681233],
  ['a falling one', [1, 2, 3], [3, 2, 1], false, 1],
  ['an optimum in the middle', [1, 1, 2, 2, 3, 3], [5, 6, 1, 2, 5, 6], false, 0.7385489458759964],
  ['categories', [0, 0, 1, 1], [1, 2, 8, 9], true, 0.8366600265340756],
  ['a category for each run', [0, 1, 2, 3], [4, 1, 3, 2], true, 0],
  ['one value', [1, 1, 1], [1, 2, 3], false, 0],
  ['an even metric', [1, 2, 3], [5, 5, 5], false, 0],
  ['what is not a number', [1, 2, 3, NaN, 5], [1, 2, 3, 0, NaN], false, 1],
  ['nothing', [], [], false, 0],
])('the strength of %s', (_, x, y, categories, strength) => {
  expect(strengthsIn(Float64Array.from(y))(Float64Array.from(x), categories)).toBeCloseTo(strength, 10);
});
