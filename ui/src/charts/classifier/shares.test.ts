import { expect, test } from 'vitest';
import { inkOn, shadeOf, sharesOf } from './shares';

const COUNTS = [
  [3, 1],
  [0, 4],
] as const;

test.each([
  [
    'true',
    [
      [0.75, 0.25],
      [0, 1],
    ],
  ],
  [
    'predicted',
    [
      [1, 0.2],
      [0, 0.8],
    ],
  ],
  [
    'all',
    [
      [0.75, 0.25],
      [0, 1],
    ],
  ],
] as const)('shares of %s', (of, expected) => {
  expect(sharesOf(COUNTS, of).map((row) => [...row])).toEqual(expected);
});

test('a class without samples has no shares', () => {
  expect(
    sharesOf(
      [
        [0, 0],
        [0, 2],
      ],
      'true',
    ).map((row) => [...row]),
  ).toEqual([
    [0, 0],
    [0, 1],
  ]);
});

test.each([
  ['#ffffff', '#000000'],
  ['#20125f', '#ffffff'],
  ['#f7ee86', '#000000'],
])('ink on %s', (color, ink) => expect(inkOn(color)).toBe(ink));

test.each([
  [0, '#ffffff'],
  [1, '#000000'],
  [0.25, '#8a8a8a'],
])('the shade of %d', (share, shade) => expect(shadeOf(share, ['#000000'], '#ffffff')).toBe(shade));
