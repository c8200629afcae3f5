import { expect, test } from 'vitest';
import { compareNames, compareValues } from './order';
import names from '../../../tests/natural.json?raw';

const UP: unknown[] = [
  '-Infinity',
  '-5',
  -3,
  0,
  '0.25',
  0.5,
  '1e1',
  10.5,
  'Infinity',
  'a2',
  'a10',
  'b',
  NaN,
  undefined,
];

test('numbers, then text as people sort it, then nothing', () => {
  const mixed = UP.map((_, at) => UP[(at * 3) % UP.length]);
  expect(
    mixed
      .map((value) => ({ value }))
      .sort((a, b) => compareValues(a.value, b.value))
      .map(({ value }) => value),
  ).toEqual(UP);
});

test.each([NaN, 'NaN', null, undefined])('%s is last in both directions', (value) => {
  for (const descending of [false, true]) {
    expect(compareValues(value, 5, descending)).toBeGreaterThan(0);
    expect(compareValues(5, value, descending)).toBeLessThan(0);
  }
});

test.each([false, true])('NaN is before what is missing, descending: %s', (descending) => {
  expect(compareValues(NaN, undefined, descending)).toBeLessThan(0);
  expect(compareValues(null, 'NaN', descending)).toBeGreaterThan(0);
});

test('infinities of one sign are equal', () => {
  expect(compareValues(Infinity, 'Infinity')).toBe(0);
});

test.each([
  [10, '10'],
  ['1e1', '10'],
])('%j is before %j', (a, b) => {
  expect([compareValues(a, b), compareValues(b, a)].map(Math.sign)).toEqual([-1, 1]);
});

test.each(['', '-', '1_000', '0x10', '1.2.3', 'e5', '1e'])('%j is no number', (text) => {
  expect(compareValues(text, 1e300)).toBe(1);
});

/** tests/test_natural.py has the same names. */
test('names are in the order in which people count', () => {
  const ordered = JSON.parse(names) as string[];
  const mixed = ordered.map((_, at) => ordered[(at * 11) % ordered.length] ?? '');
  expect(mixed.sort(compareNames)).toEqual(ordered);
});

test('a text of thousands of numbers is compared in little time: its first numbers count as numbers', () => {
  const [few, many] = ['a1'.repeat(20), 'a1'.repeat(40)];
  expect(compareNames(`${few}9`, `${few}10`)).toBe(-1);
  expect(compareNames(`${many}9`, `${many}10`)).toBe(1);
});

test('a list of texts is the text that it shows, an empty one is missing', () => {
  expect(compareValues(['a', 'b'], 'a, b')).toBe(0);
  expect(compareValues([], 'z')).toBeGreaterThan(0);
});
