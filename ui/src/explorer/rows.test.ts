import { itemAt } from '../text/lists';
import { expect, test } from 'vitest';
import { resultOf, runRow, type Sample } from '../data/testing';
import type { SortKey } from './view/view';
import { differing, RUN_COLUMN, seriesColumns } from './columns';
import { bundlesOf } from './bundles';
import { group } from './grouping';
import { findRows, groupRows, nextSort, sortRows, textOfRow, valueOf } from './rows';

const result = resultOf(
  [
    { id: 'a', lr: 0.1, last: 3, opt: 'adam' },
    { id: 'b', lr: 0.01, last: NaN, opt: 'adam' },
    { id: 'c', lr: 0.1, last: 1, opt: 'adam' },
    { id: 'd', last: 2, opt: 'adam' },
  ].map(({ id, lr, last, opt }) => ({
    run: runRow(id, { name: `Sweep ${id}` }),
    params: lr === undefined ? { opt } : { lr, opt },
    series: [{ name: 'loss', context: { subset: 'val' }, y: [9, last] }],
  })),
);
const columns = [RUN_COLUMN, ...seriesColumns(result)];
const ids = (keys: SortKey[]): string =>
  sortRows(result.items, columns, keys)
    .map(({ run }) => run.id)
    .join('');
const up = (column: string): SortKey => ({ column, descending: false });
const down = (column: string): SortKey => ({ column, descending: true });

test.each<[SortKey[], string]>([
  [[], 'abcd'],
  [[up('last')], 'cdab'],
  [[down('last')], 'adcb'],
  [[up('params.lr'), up('last')], 'bcad'],
  [[down('params.lr'), down('last')], 'acbd'],
  [[up('params.opt'), down('run.name')], 'dcba'],
  [[up('a column of another result')], 'abcd'],
])('sorted by %j', (keys, order) => {
  expect(ids(keys)).toBe(order);
});

test.each([
  ['', 'abcd'],
  ['sweep', 'abcd'],
  ['SWEEP c', 'c'],
  ['0.01', 'b'],
  ['nan', 'b'],
  ['na', 'b'],
  ['adam 0.01', 'b'],
  ['9 val', 'abcd'],
  ['subset=val adam', 'abcd'],
  ['nowhere', ''],
])('found by %j', (find, order) => {
  expect(
    findRows(result.items, columns, find)
      .map(({ run }) => run.id)
      .join(''),
  ).toBe(order);
});

test('a header sorts ascending, descending, then not; with Shift in addition to the others', () => {
  expect(nextSort([], { id: 'x' }, false)).toEqual([up('x')]);
  expect(nextSort([up('x')], { id: 'x' }, false)).toEqual([down('x')]);
  expect(nextSort([down('x')], { id: 'x' }, false)).toEqual([]);
  expect(nextSort([up('x')], { id: 'y' }, false)).toEqual([up('y')]);
  expect(nextSort([up('x')], { id: 'y' }, true)).toEqual([up('x'), up('y')]);
  expect(nextSort([up('x'), up('y')], { id: 'x' }, true)).toEqual([down('x'), up('y')]);
  expect(nextSort([down('x'), up('y')], { id: 'x' }, true)).toEqual([up('y')]);
});

test('where high values are the best they come first', () => {
  const x = { id: 'x', bestHigh: true };
  expect(nextSort([], x, false)).toEqual([down('x')]);
  expect(nextSort([down('x')], x, false)).toEqual([up('x')]);
  expect(nextSort([up('x')], x, false)).toEqual([]);
  expect(nextSort([up('y')], x, true)).toEqual([up('y'), down('x')]);
});

test('Diff leaves the columns in which rows differ', () => {
  const labels = differing(seriesColumns(result), result.items).map(({ label }) => label);
  expect(labels).toEqual(['lr', 'Last', 'Best', 'Min', 'Max']);
});

const bundles = bundlesOf(group(result.items, { color: ['params.lr'], stroke: [], chart: [] }));
const shape = (keys: SortKey[], open: string[], sorted = sortRows(result.items, columns, keys)): string[] =>
  groupRows(bundles, sorted, open, columns, keys).map(
    (row) => (row.inside ? '-' : '') + row.members.map(({ run }) => run.id).join(''),
  );
const column = (id: string): (typeof columns)[number] =>
  itemAt(
    columns.filter((item) => item.id === id),
    0,
  );

test('groups stand in order of their values, with their lines below when they are open', () => {
  expect(shape([], [])).toEqual(['b', 'ac', 'd']);
  expect(shape([down('last')], [])).toEqual(['ac', 'd', 'b']);
  expect(shape([up('last')], [itemAt(bundles, 1).key])).toEqual(['ca', '-c', '-a', 'd', 'b']);
  expect(shape([], [], result.items.slice(2))).toEqual(['c', 'd']);
});

test.each([
  ['last', 2, '2'],
  ['best', 2, '2'],
  ['min', 1, '1'],
  ['max', 9, '9'],
  ['params.opt', 'adam', 'adam'],
  ['run.name', 'Sweep a', '2 values'],
])('in %s a group has %s', (id, value, text) => {
  const { members } = itemAt(bundles, 1);
  expect(valueOf(column(id), members)).toBe(value);
  expect(textOfRow(column(id), members)).toBe(text);
});

test.each([
  ['min', [3, 1], '3, the lowest value'],
  ['max', [9, 9], '9, the highest value'],
] as const)('where the %s is better, it is best', (direction, values, title) => {
  const best = itemAt(
    seriesColumns(result, false, () => direction).filter(({ id }) => id === 'best'),
    0,
  );
  expect(result.items.filter(({ run }) => 'ac'.includes(run.id)).map(best.value)).toEqual(values);
  expect(best.title?.(itemAt(result.items, 0))).toBe(title);
});

test('a group says how many of its members diverged', () => {
  const ends = [1, NaN, 3, Infinity];
  const { items } = resultOf(
    ends.map((end, at) => ({ run: runRow(`r${at}`), series: [{ name: 'loss', y: [2 - at, end] }] })),
  );
  const members = bundlesOf(group(items, { color: [], stroke: [], chart: [] })).map((bundle) => bundle.members);
  expect(members.map((some) => textOfRow(column('last'), some))).toEqual(['2 · 2 of 4; 2 diverged']);
  expect(
    members.map((some) => textOfRow(column('best'), some)),
    'not as good as they were',
  ).toEqual(['0.5 · 2 of 4; 2 diverged']);
  expect(textOfRow(column('last'), [itemAt(items, 0), itemAt(items, 2)])).toBe('2');
  expect(textOfRow(column('last'), [itemAt(items, 1)])).toBe('NaN');
});

test.each<[string, Parameters<typeof runRow>[1][], string[]]>([
  [
    'what differs first',
    [{ name: 'a' }, { name: 'b' }],
    ['params.lr', 'metric.name', 'last', 'best', 'min', 'max', 'step', 'run.status', 'created'],
  ],
  [
    'it, and have the experiment beside the status where it differs',
    [{ name: 'a' }, { name: 'b', experiment: 'other' }],
    ['params.lr', 'metric.name', 'last', 'best', 'min', 'max', 'step', 'run.status', 'experiment', 'created'],
  ],
])('columns start with %s', (_, runs, start) => {
  const columns = seriesColumns(resultOf(runs.map((run, at) => sample(`${at}`, run, { fixed: 1, lr: at }))));
  expect(columns.map(({ id }) => id).slice(0, start.length)).toEqual(start);
  expect(columns.at(-1)?.id).toBe('params.fixed');
});

test.each<[string, Parameters<typeof runRow>[1], string[]]>([
  ['tags', { name: 'a', tags: ['best'] }, ['run.tags']],
  ['a name', { name: 'a' }, []],
  ['an id alone', { hash: 'f'.repeat(32) }, ['hash']],
  ['a hash that someone gave', { hash: 'baseline' }, []],
])('a run with %s', (_, run, expected) => {
  const columns = seriesColumns(resultOf([sample('r', run, {})])).map(({ id }) => id);
  expect(columns.filter((id) => id === 'run.tags' || id === 'hash')).toEqual(expected);
});

function sample(id: string, run: Parameters<typeof runRow>[1], params: Record<string, unknown>): Sample {
  return { run: runRow(id, run), params, series: [{ name: 'loss', y: [1] }] };
}
