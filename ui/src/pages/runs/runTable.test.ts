import { describe, expect, test } from 'vitest';
import type { Run } from '../../data/result';
import { partOf, rangeOf, runColumns } from './columns';
import { asSeries, mergeTables, NO_RUNS, numberAt, readValues, type RunTable } from './runTable';
import { statementOf } from './statement';

function run(id: string, created: number): Run {
  return {
    id, hash: id, name: null, experiment: 'e', description: null, tags: [], archived: false, status: 'finished',
    error: null, created_at: created, finished_at: null, duration: 0, seen_at: 0, dropped: 0,
    block: { paths: new Map(), index: new Int32Array(), width: 0 }, row: 0,
  };
}

/** Each run with the last values of its metrics. */
function table(found: readonly (readonly [string, number, Record<string, number>])[]): RunTable {
  const names = [...new Set(found.flatMap(([, , metrics]) => Object.keys(metrics)))].sort();
  const measured = names.map((name) => ({ id: name, name, contextText: '' }));
  const flat = found.flatMap(([, , metrics]) => Object.entries(metrics));
  const numbers = Float64Array.from(flat, ([, value]) => value);
  const codes = Int32Array.from(flat, ([name]) => names.indexOf(name));
  const values = { last: numbers, min: numbers.map((n) => n - 1), max: numbers, mean: numbers, first: numbers };
  let from = 0;
  const places = new Map(
    found.map(([id, , metrics]) => {
      const to = from + Object.keys(metrics).length;
      const place = { numbers: { codes, measured, values }, from, to };
      from = to;
      return [id, place];
    }),
  );
  const runs = found.map(([id, created]) => run(id, created));
  return { result: { ...NO_RUNS.result, runs, series: runs.map(asSeries) }, measured, places };
}

const OLD = table([['b', 2, { loss: 5, acc: 1 }], ['a', 1, { loss: 7 }]]);

describe('numbers of metrics', () => {
  test('a run without the metric has none', () => {
    expect([numberAt(OLD, 'b', 'acc', 'last'), numberAt(OLD, 'a', 'acc', 'last')]).toEqual([1, NaN]);
    expect(numberAt(OLD, 'a', 'loss', 'min')).toBe(6);
    expect(numberAt(OLD, 'nobody', 'loss', 'last')).toBeNaN();
  });
  test('changed runs are replaced, new ones come in their place, those that no longer match leave', () => {
    const merged = mergeTables(OLD, table([['c', 3, { f1: 9 }], ['a', 1, { loss: 8 }]]), ['a', 'b', 'c']);
    expect(merged.result.runs.map(({ id }) => id)).toEqual(['c', 'a']);
    expect(merged.measured.map(({ id }) => id)).toEqual(['acc', 'f1', 'loss']);
    expect([numberAt(merged, 'a', 'loss', 'last'), numberAt(merged, 'c', 'f1', 'last')]).toEqual([8, 9]);
  });
  test('a column for each metric and value', () => {
    const columns = runColumns(OLD, ['last', 'min']).filter(({ id }) => id.startsWith('metrics.'));
    expect(columns.map(({ label }) => label)).toEqual(['acc last', 'acc min', 'loss last', 'loss min']);
    expect(columns[0].text(OLD.result.series[1])).toBe('');
  });
});

test.each([
  [[1, 'x', NaN, 3], [1, 3]],
  [[2, 2], null],
  [[undefined], null],
])('the range of %j', (values, expected) => expect(rangeOf(values)).toEqual(expected));

test.each([
  [5, 0, 10, 0.5],
  [0.01, 0.0001, 1, 0.5],
])('%d between %d and %d', (value, low, high, expected) => expect(partOf(value, [low, high])).toBeCloseTo(expected));

test.each([
  [[], ['last']],
  [['min', 'mean', 'nonsense'], ['min', 'mean']],
  [[''], []],
])('of the address %j', (texts, expected) => expect(readValues(texts)).toEqual(expected));

test.each([
  [[['a', false]], ['loss'], 'loss if run.hash == "a"'],
  [[['a', false], ['b', true]], ['loss', 'val loss'], 'loss, "val loss" if run.hash in ("a", "b") and (run.archived or not run.archived)'],
  [[['a', true]], [], '* if run.hash == "a" and run.archived'],
] as const)('the metrics of %j', (runs, metrics, expected) => {
  expect(statementOf(runs.map(([hash, archived]) => ({ hash, archived })), metrics)).toBe(expected);
});
