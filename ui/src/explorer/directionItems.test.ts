import { expect, test, vi } from 'vitest';
import { directionItems } from './directionItems';

const directions = (set: ((name: string, direction: string) => Promise<boolean>) | null) => ({
  of: (name: string) => (name === 'loss' ? ('min' as const) : ('max' as const)),
  set,
});

test.each<[string[], [string, boolean | undefined][]]>([
  [[], []],
  [
    ['loss'],
    [
      ['Lower is better', true],
      ['Higher is better', false],
    ],
  ],
  [
    ['loss', 'accuracy'],
    [
      ['Higher is better: loss', false],
      ['Higher is better: accuracy', true],
    ],
  ],
])('of %j', (metrics, expected) => {
  const items = directionItems(
    metrics,
    directions(async () => true),
  );
  expect(items.map(({ label, chosen }) => [label, chosen])).toEqual(expected);
});

test('choosing sets the direction of the metric', () => {
  const set = vi.fn(async () => true);
  for (const item of directionItems(['loss'], directions(set))) item.onSelect();
  for (const item of directionItems(['loss', 'accuracy'], directions(set))) item.onSelect();
  expect(set.mock.calls).toEqual([
    ['loss', 'min'],
    ['loss', 'max'],
    ['loss', 'max'],
    ['accuracy', 'min'],
  ]);
});

test('where nothing can be changed there is no choice', () => {
  expect(directionItems(['loss'], directions(null))).toEqual([]);
});
