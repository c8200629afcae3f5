import { expect, test } from 'vitest';
import { groupBy } from '../../explorer/grouping';
import { gridOf, inOrder, tilesIn, tracksBetween } from './grid';
import { picture } from './testing';

const TILE = { width: 100, height: 50 };
const items = [0, 1, 2].flatMap((run) =>
  [0, 10].flatMap((step) => Array.from({ length: run + 1 }, (_, index) => picture({ run: `r${run}`, step, index }))),
);
const grid = (rows: string[], columns: string[], width = 1000): ReturnType<typeof gridOf> =>
  gridOf(items, groupBy(items, rows), groupBy(items, columns), { tile: TILE, head: 30, width });

test('rows are as high, and columns as wide, as their largest cell', () => {
  const { rowEdges, columnEdges, across } = grid(['run.hash'], ['media.step']);
  expect(across).toEqual([3, 3]);
  expect(columnEdges).toEqual([0, 310, 620]);
  expect(rowEdges).toEqual([0, 90, 180, 270]);
});

test('a cell of a single column fills the width, and more lines below', () => {
  const { across, rowEdges } = grid([], [], 450);
  expect([across, rowEdges]).toEqual([[4], [0, 30 + 3 * 50 + 10]]);
});

test('a narrow window still has one tile beside the other', () => {
  expect(grid(['run.hash'], ['media.step'], 60).across).toEqual([1, 1]);
});

test.each([
  [0, 50, [0, 1]],
  [89, 91, [0, 2]],
  [90, 180, [1, 2]],
  [1000, 2000, [3, 3]],
  [-50, -10, [0, 0]],
])('the tracks between %d and %d', (from, to, expected) => {
  expect(tracksBetween([0, 90, 180, 270], from, to)).toEqual(expected);
});

test('only tiles in sight are placed', () => {
  const whole = grid([], [], 250);
  const seen = tilesIn(whole, [0, 1], [0, 1], 80, 130);
  expect(seen.map(({ left, top, slot }) => [left, top, slot])).toEqual([
    [0, 80, '0 0 2'],
    [100, 80, '0 0 3'],
  ]);
  expect(tilesIn(whole, [0, 1], [0, 1], -500, -400)).toEqual([]);
  expect(tilesIn(whole, [0, 1], [0, 1], 0, 10_000)).toHaveLength(items.length);
});

test('items are read row by row, then column by column', () => {
  const order = inOrder(grid(['media.step'], ['run.hash'])).map(({ run, step, index }) => `${run.id} ${step} ${index}`);
  expect(order.slice(0, 4)).toEqual(['r0 0 0', 'r1 0 0', 'r1 0 1', 'r2 0 0']);
  expect(order).toHaveLength(items.length);
});
