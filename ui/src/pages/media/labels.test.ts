import { expect, test } from 'vitest';
import { runName } from '../../text/runName';
import { amountOf, labelOf, wholeLabel } from './labels';
import { picture } from './testing';

const val = { subset: 'val' };
const items = [
  picture({ run: 'a', step: 1000, caption: 'a digit' }),
  picture({ run: 'b', step: 1000, index: 1, context: val }),
];

test.each([
  [[], 'a · #0 · a digit', 'b · subset=val · #1'],
  [['run.hash'], '#0 · a digit', 'subset=val · #1'],
  [['run.hash', 'media.index', 'context.subset'], 'a digit', ''],
])('grouped by %j, the labels are %j and %j', (grouped, first, second) => {
  const label = labelOf(items, grouped, runName);
  expect(items.map(label).map((text) => text.replace(/^ · /, ''))).toEqual([first, second]);
});

test('everything in one line', () => {
  expect(items.map((item) => wholeLabel(item, runName))).toEqual([
    'a · samples · step 1,000 · #0 · a digit',
    'b · samples · subset=val · step 1,000 · #1',
  ]);
});

test.each([
  [[400], '1 image, 400 B'],
  [[1000, 2000], '2 images, 3.0 kB'],
  [[0], '1 image'],
  [[100, 0], '2 images'],
])('of the sizes %j, it says %j', (sizes, said) => {
  expect(
    amountOf(
      sizes.map((size) => picture({ size })),
      'image',
    ),
  ).toBe(said);
});
