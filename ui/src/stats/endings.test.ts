import { describe, expect, test } from 'vitest';
import { aggregate } from './aggregate';
import { divergedBy, endingOf } from './endings';

const line = (y: readonly number[], x: readonly number[] = y.map((_, i) => i)) => ({
  x: Float64Array.from(x),
  y: Float64Array.from(y),
});
const { NaN: nan } = Number;

test.each<[string, number[], ReturnType<typeof endingOf>]>([
  ['numbers', [1, 2], null],
  ['NaN at the end', [1, nan], { x: 1, value: nan }],
  ['infinity, then NaN', [1, 2, Infinity, nan, nan], { x: 2, value: Infinity }],
  ['NaN that passed', [1, nan, 2], null],
  ['never a number', [nan, nan], null],
  ['no point', [], null],
])('the ending of %s', (_, y, ending) => {
  expect(endingOf(line(y))).toEqual(ending);
});

const group = [line([1, 2, 3, 4]), line([3, 4, 5, 6]), line([5, 6, nan, nan]), line([7, -Infinity])];

test('counts the lines that have diverged so far', () => {
  expect([0, 1, 1.5, 2, 9].map((x) => divergedBy(group, x))).toEqual([0, 1, 1, 2, 2]);
});

test('a line without any number has diverged from its first point on', () => {
  const lines = [line([nan, Infinity], [5, 6]), line([]), line([nan, 1])];
  expect([4, 5, 9].map((x) => divergedBy(lines, x))).toEqual([0, 1, 1]);
});

describe('the line of a group is broken where a line diverges', () => {
  test.each(['mean', 'median', 'min', 'max', 'iqm'] as const)('%s', (method) => {
    const made = aggregate(group, { line: method, area: 'minmax' });
    expect([made.y[1], made.y[2]]).toEqual([-Infinity, nan]);
    expect([0, 1, 2, 3].map((at) => Number.isFinite(made.low[at]))).toEqual([true, false, false, true]);
    expect([...made.count]).toEqual([4, 3, 2, 2]);
  });

  test('in the column that holds the place', () => {
    const many = Array.from({ length: 100 }, (_, i) => i);
    const broken = many.map((i) => (i < 55 ? i : nan));
    const made = aggregate([line(many), line(broken)], { line: 'mean', area: 'none', most: 10 });
    expect([...made.y].map(Number.isNaN)).toEqual(many.slice(0, 10).map((column) => column === 5));
  });

  test('not in a window after it', () => {
    const made = aggregate(group, { line: 'mean', area: 'none', window: [2.5, 3] });
    expect([...made.y].every(Number.isFinite)).toBe(true);
  });
});
