import { expect, test } from 'vitest';
import { tellingColumns } from './telling';

const grid = (...values: (readonly (number | string)[])[]): string[][] =>
  values.reduce<string[][]>((rows, of) => rows.flatMap((row) => of.map((value) => [...row, String(value)])), [[]]);

const columnsOf = (rows: readonly string[][]) =>
  (rows[0] ?? []).map((_, at) => ({
    name: `column ${at}`,
    texts: rows.map((row) => row[at] ?? ''),
  }));

/** The columns of each row, or those of all rows at once. */
const TABLE: [string, string[][], number[] | number[][]][] = [
  ['a grid needs all of its columns', grid([1, 2], ['a', 'b'], [0, 1], ['x', 'y']), [0, 1, 2, 3]],
  ['one of those that split rows alike', grid([1, 2], [7, 8]).map(([a = '', b = '']) => [a, `${a}!`, b]), [0, 2]],
  [
    'those that tell most apart',
    Array.from({ length: 12 }, (_, at) => [String(at % 2), String(at % 3), String(at % 4), String(at % 6), 'same']),
    [2, 3],
  ],
  [
    'what few rows need is used for these alone',
    Array.from({ length: 10 }, (_, at) => [String(Math.min(at, 8)), String(at % 2), String(at % 3 > 0), `${at < 5}`]),
    Array.from({ length: 10 }, (_, at) => (at < 8 ? [0] : [0, 1])),
  ],
  ['equal rows', [['1'], ['1']], []],
  ['one row', [['1', '2']], []],
];

test.each(TABLE)('%s', (_, rows, expected) => {
  const each = expected.some(Array.isArray) ? expected : rows.map(() => expected);
  expect(tellingColumns(columnsOf(rows), rows.length)).toEqual(each);
});

test('columns that name each row, such as its folder, are used only where the others do not suffice', () => {
  const folders = { name: 'log_dir', texts: ['a', 'b', 'c'], last: true };
  expect(tellingColumns([folders, { name: 'number of layers', texts: ['1', '2', '3'] }], 3)).toEqual([[1], [1], [1]]);
  expect(tellingColumns([folders, { name: 'lr', texts: ['1', '2', '2'] }], 3)).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

test('no rows have no columns', () => expect(tellingColumns([{ name: 'lr', texts: [] }], 0)).toEqual([]));
