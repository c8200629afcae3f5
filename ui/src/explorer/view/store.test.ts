import { expect, test } from 'vitest';
import { viewInMemory } from './store';
import { written } from './url';
import { DEFAULT_VIEW } from './view';

test('views in memory are apart from each other, and tell their own listeners', () => {
  const [left, right] = [
    viewInMemory({ ...DEFAULT_VIEW, q: 'loss' }),
    viewInMemory({ ...DEFAULT_VIEW, q: 'accuracy' }),
  ];
  const told: string[] = [];
  left.subscribe(() => told.push('left'));
  const off = right.subscribe(() => told.push('right'));
  left.change({ logY: true });
  off();
  right.change({ logX: true });
  expect([left.get().q, left.get().logY, left.get().logX]).toEqual(['loss', true, null]);
  expect([right.get().q, right.get().logY, right.get().logX]).toEqual(['accuracy', null, true]);
  expect(told).toEqual(['left']);
});

test.each([
  ['', '?q=loss'],
  ['?page=params&axis=params.lr&logX=1', '?page=params&axis=params.lr&q=loss'],
  ['?search=e30', '?q=loss'],
])('a view in the address %j leaves the parameters of the page: %j', (before, after) => {
  expect(written(before, { ...DEFAULT_VIEW, q: 'loss' })).toBe(after);
});
