import { expect, test } from 'vitest';
import { csvOf, fileName } from './csv';

test.each([
  ['text', 'text'],
  [1.5, '1.5'],
  [-3e-9, '-3e-9'],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [Infinity, 'Infinity'],
  ['-Infinity', '-Infinity'],
  ['-Infinity()', "'-Infinity()"],
  [undefined, ''],
  [null, ''],
  [true, 'true'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['+cmd|calc', "'+cmd|calc"],
  [' =1', "' =1"],
  ['-2.5e3', '-2.5e3'],
  ['-x', "'-x"],
  ['\t=1', '"\'\t=1"'],
  [[1, 2], '"[1,2]"'],
])('%j becomes %j', (value, text) => expect(csvOf([[value]])).toBe(`${text}\r\n`));

test('rows and cells', () => {
  expect(
    csvOf([
      ['a', 'b'],
      [1, ''],
    ]),
  ).toBe('a,b\r\n1,\r\n');
});

test('the day of a file is the day of the viewer', () => {
  const evening = new Date(2026, 0, 31, 23, 59);
  expect([evening, new Date(2026, 0, 31, 0, 1)].map((at) => fileName('x', 'csv', at))).toEqual(
    Array(2).fill('x-2026-01-31.csv'),
  );
});

test.each([
  ['loss if lr < 0.1', 'loss-if-lr-0.1-2026-01-31.csv'],
  ['../../x', 'x-2026-01-31.csv'],
  ['', 'aim-2026-01-31.csv'],
])('a file for %j is called %s', (title, name) => {
  expect(fileName(title, 'csv', new Date('2026-01-31T12:00:00Z'))).toBe(name);
});
