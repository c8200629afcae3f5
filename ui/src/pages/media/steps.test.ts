import { expect, test } from 'vitest';
import { itemsAt, lastOfSeries, placeOf, shapeOf, stepsOf } from './steps';
import { picture } from './testing';

const items = [
  ...[0, 10, 20].flatMap((step) => [picture({ run: 'a', step }), picture({ run: 'a', step, index: 1 })]),
  ...[5, 20].map((step) => picture({ run: 'b', step })),
  picture({ run: 'b', step: 0, context: { subset: 'val' } }),
];

test('the steps of all, in order', () => expect(stepsOf(items)).toEqual([0, 5, 10, 20]));

test.each([
  [0, 0],
  [7, 1],
  [10, 2],
  [99, 3],
  [-3, 0],
])('step %d is at place %d', (step, place) => expect(placeOf(stepsOf(items), step)).toBe(place));

test('the last value of each series', () => {
  expect(lastOfSeries(items).map(({ run, step, index }) => `${run.id} ${step} ${index}`)).toEqual([
    'a 20 1',
    'b 20 0',
    'b 0 0',
  ]);
});

test.each([
  [0, ['a 0 0', 'a 0 1', 'b 0 0']],
  [7, ['a 0 0', 'a 0 1', 'b 5 0', 'b 0 0']],
  [12, ['a 10 0', 'a 10 1', 'b 5 0', 'b 0 0']],
  [-1, []],
])('at step %d each series shows its last values until then', (step, expected) => {
  expect(itemsAt(items, step).map(({ run, step: own, index }) => `${run.id} ${own} ${index}`)).toEqual(expected);
});

test.each([
  [[], 1],
  [[[100, 50]], 0.5],
  [[[10, 1000]], 1.6],
  [[[1000, 10]], 0.4],
  [
    [
      [10, 10],
      [10, 20],
      [10, 10],
    ],
    1,
  ],
])('the shape of %j is %d', (sizes, shape) => {
  const pictures = sizes.map(([width = null, height = null]) => picture({ width, height }));
  expect(shapeOf(pictures)).toBe(shape);
});
