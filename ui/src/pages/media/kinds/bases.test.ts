import { expect, test } from 'vitest';
import { picture } from '../testing';
import { baseOf } from './bases';

const items = ['a', 'b'].flatMap((run) => [0, 10, 20].map((step) => picture({ run, step })));
items.push(picture({ run: 'b', step: 30 }));

test.each([
  [0, 'steps', null],
  [2, 'steps', 'a 10'],
  [3, 'steps', null],
  [6, 'steps', 'b 20'],
  [0, 'runs', null],
  [4, 'runs', 'a 10'],
  [6, 'runs', null],
] as const)('item %d among %s is compared with %s', (at, among, expected) => {
  const item = items[at];
  const base = item ? baseOf(items, item, among) : null;
  expect(base && `${base.run.id} ${base.step}`).toBe(expected);
});
