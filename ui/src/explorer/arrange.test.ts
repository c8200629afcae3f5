import { describe, expect, test } from 'vitest';
import { DEFAULT_VIEW, type View } from './view/view';
import { arrange, movedColumn, pinned, resized, shortest } from './arrange';

const columns = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, width: 100 }));
const layout = (change: Partial<View>): View => ({ ...DEFAULT_VIEW, ...change });
const ids = (change: Partial<View>): string[] => {
  const { left, middle, right } = arrange(columns, layout(change));
  return [left, middle, right].map((part) => part.map(({ id }) => id).join(''));
};

describe('columns', () => {
  test.each([
    ['as they are', {}, ['', 'abcde', '']],
    ['hidden', { without: ['b', 'gone'] }, ['', 'acde', '']],
    ['pinned', { left: ['d'], right: ['a', 'c'] }, ['d', 'be', 'ac']],
    ['in another order', { order: ['e', 'gone', 'c'] }, ['', 'ecabd', '']],
    ['all at once', { order: ['e'], left: ['e'], without: ['a'], right: ['b'] }, ['e', 'cd', 'b']],
  ] as const)('%s', (_, change, parts) => expect(ids(change)).toEqual(parts));

  test.each([
    ['b', 1, {}, 'acbde'],
    ['b', -1, {}, 'bacde'],
    ['a', -1, {}, 'abcde'],
    ['b', Infinity, {}, 'acdeb'],
    ['d', -Infinity, {}, 'dabce'],
    ['b', 1, { without: ['c'] }, 'adbe'],
    ['gone', 1, {}, 'abcde'],
  ] as const)('%s moved by %d', (id, steps, change, wanted) => {
    const view = layout(change);
    expect(ids({ ...change, ...movedColumn(columns, view, id, steps) })[1]).toBe(wanted);
  });

  test('an order names no more than it must', () => {
    expect(shortest(['b', 'a', 'c', 'd'], ['a', 'b', 'c', 'd'])).toEqual(['b']);
    expect(shortest(['a', 'b'], ['a', 'b'])).toEqual([]);
    expect(shortest(['a', 'c', 'd', 'b'], ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
  });

  test('a pin is on one side', () => {
    const left = layout(pinned(layout({}), 'b', 'left'));
    expect(left.left).toEqual(['b']);
    expect(pinned(left, 'b', 'right')).toEqual({ left: [], right: ['b'] });
    expect(pinned(left, 'b', 'middle')).toEqual({ left: [], right: [] });
  });

  test('a width has bounds, and can be given back', () => {
    const wide = layout(resized(layout({}), 'a', 5000));
    expect(wide.widths).toEqual([['a', 900]]);
    expect(arrange(columns, wide).middle[0]?.width).toBe(900);
    expect(resized(wide, 'a', 3).widths).toEqual([['a', 48]]);
    expect(resized(wide, 'a', null).widths).toEqual([]);
  });
});
