import { expect, test } from 'vitest';
import atStep from '../../../../tests/media/at_step.json';
import { itemsAt, lastOfSeries, shapeOf } from './steps';
import { picture } from './testing';

const items = [
  ...[0, 10, 20].flatMap((step) => [picture({ run: 'a', step }), picture({ run: 'a', step, index: 1 })]),
  ...[5, 20].map((step) => picture({ run: 'b', step })),
  picture({ run: 'b', step: 0, context: { subset: 'val' } }),
];

test('the last value of each series', () => {
  expect(lastOfSeries(items).map(({ run, step, index }) => `${run.id} ${step} ${index}`)).toEqual([
    'a 20 1',
    'b 20 0',
    'b 0 0',
  ]);
});

test.each(atStep.shown as [number, number[]][])('at step %d each series shows values %j', (step, places) => {
  const all = (atStep.values as [string, string, number, number][]).map(([run, subset, own, index]) =>
    picture({ run, context: { subset }, step: own, index }),
  );
  expect(itemsAt(all, step)).toEqual(places.map((place) => all[place]));
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
