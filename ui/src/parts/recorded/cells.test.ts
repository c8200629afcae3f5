import { expect, test } from 'vitest';
import type { CellColumn } from '../../wire';
import { cellText, edgesOf, endOf, nextSort, reachable, rowHeight, withFilter } from './cells';

const column = (kind: CellColumn['kind']): CellColumn => ({ name: kind, kind });

test.each([
  [null, 'text', ''],
  ['NaN', 'float', 'NaN'],
  [0.1 + 0.2, 'float', '0.3'],
  [1e-12, 'float', '1e-12'],
  ['1152921504606846976', 'int', '1152921504606846976'],
  [true, 'bool', 'true'],
  ['<b>', 'text', '<b>'],
] as const)('%s of the kind %s is "%s"', (value, kind, text) => expect(cellText(value, kind)).toBe(text));

test('columns have widths by their kind, or the chosen ones', () =>
  expect(edgesOf([column('int'), column('text'), column('bool')], new Map([[1, 60]]))).toEqual([0, 110, 170, 260]));

test('rows with images are higher, and a browser can scroll to all that are reachable', () => {
  expect(rowHeight([column('int')])).toBeLessThan(rowHeight([column('int'), column('image')]));
  expect([reachable(10, 30), reachable(5_000_000, 30)]).toEqual([10, 1_000_000]);
});

test('a click sorts up, down, and not at all', () => {
  const up = nextSort([], 2, false);
  const down = nextSort(up, 2, false);
  expect([up, down, nextSort(down, 2, false)]).toEqual([
    [{ column: 2, descending: false }],
    [{ column: 2, descending: true }],
    [],
  ]);
  expect(nextSort(up, 1, true)).toEqual([...up, { column: 1, descending: false }]);
  expect(nextSort(up, 1, false)).toEqual([{ column: 1, descending: false }]);
});

test('a column has one filter', () => {
  const first = withFilter([], 1, { column: 1, find: 'a' });
  expect(withFilter(first, 1, { column: 1, find: 'b' })).toEqual([{ column: 1, find: 'b' }]);
  expect(withFilter(first, 1, null)).toEqual([]);
});

test.each([
  ['', 'int', undefined],
  ['1.5', 'float', 1.5],
  ['x', 'float', null],
  ['2026-11-30T12:00:00Z', 'time', 1796040000],
  ['soon', 'time', null],
] as const)('%s typed for %s is %s', (text, kind, end) => expect(endOf(text, kind)).toBe(end));
