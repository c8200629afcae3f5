import { expect, test } from 'vitest';
import { resultOf, runRow } from '../../data/testing';
import type { Series } from '../../data/result';
import { differences, valueAt } from './difference';

test.each([
  [0, 10],
  [1, 15],
  [2, 20],
  [3, NaN],
  [-1, NaN],
  [5, NaN],
])('at %d the value is %d', (place, expected) => {
  expect(valueAt([0, 2, 4], [10, 20, NaN], place)).toBe(expected);
});

test('of points at one place, the last one counts', () => expect(valueAt([0, 1, 1, 2], [5, 6, 7, 8], 1)).toBe(7));

const [sample] = resultOf([{ run: runRow('a'), series: [{ name: 'loss', y: [1] }] }]).items;

function line(run: string, x: number[], y: number[], contextText = ''): Series {
  if (!sample) throw new Error('no sample');
  const arrays = { x: Float64Array.from(x), y: Float64Array.from(y), steps: Float64Array.from(x) };
  return { ...sample, ...arrays, key: `${run} ${contextText}`, contextText, run: { ...sample.run, id: run } };
}

test('lines minus the line of the baseline in the same context, where both are', () => {
  const lines = [
    line('base', [0, 2, 4], [10, 20, 30]),
    line('other', [0, 1, 4, 5], [11, 15, NaN, 1]),
    line('early', [-2, -1], [1, 1]),
    line('other', [0], [1], 'subset=val'),
  ];
  const made = differences(lines, 'base').map(({ run, x, y, steps }) => [run.id, [...x], [...y], [...steps]]);
  expect(made).toEqual([
    ['base', [0, 2, 4], [0, 0, 0], [0, 2, 4]],
    ['other', [0, 1, 4], [1, 0, NaN], [0, 1, 4]],
    ['early', [], [], []],
  ]);
});

test('without the baseline there are none', () => expect(differences([line('other', [0], [1])], 'base')).toEqual([]));
