import { expect, test } from 'vitest';
import { itemOfRun } from '../data/result';
import { resultOf, runRow } from '../data/testing';
import { bundlesOf } from './bundles';
import { group } from './grouping';
import { groupRows, plainRows } from './rows';
import { rowsAtHand } from './rowSource';

const { runs } = resultOf(['a', 'b', 'c'].map((id) => ({ run: runRow(id, { experiment: `of ${id}` }), series: [] })));
const items = runs.map(itemOfRun);

test('rows that are runs have no metric of their own', () => {
  const source = rowsAtHand(plainRows(items));
  expect([source.count, source.grouped, source.total]).toEqual([3, false, 3]);
  expect(source.runs(0, 2)).toEqual(runs.slice(0, 2));
  expect(source.chosen(new Set(['b', 'c', 'gone']))).toBe(2);
  expect(source.row(1)?.members[0]).toEqual({ key: 'b', run: runs[1] });
  expect([source.placeOf('c'), source.placeOf('d'), source.row(3)]).toEqual([2, -1, null]);
});

test('runs stand in groups as series do', () => {
  const bundles = bundlesOf(group(items, { color: ['experiment'], stroke: [], chart: [] }));
  const source = rowsAtHand(groupRows(bundles, items, [bundles[0]?.key ?? ''], [], []));
  expect([source.count, source.grouped, source.row(1)?.inside]).toEqual([4, true, true]);
});
