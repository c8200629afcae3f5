import { expect, test } from 'vitest';
import { compareValues } from './order';

const UP: unknown[] = ['-Infinity', -3, 0, 0.5, 10, 'Infinity', 'a2', 'a10', 'b', undefined];

test('numbers, then text as people sort it, then nothing', () => {
  const mixed = [UP[6], UP[9], UP[3], UP[0], UP[8], UP[5], UP[1], UP[7], UP[4], UP[2]];
  expect(
    mixed
      .map((value) => ({ value }))
      .sort((a, b) => compareValues(a.value, b.value))
      .map(({ value }) => value),
  ).toEqual(UP);
});

test.each([NaN, 'NaN', null, undefined])('%s is last in both directions', (value) => {
  for (const descending of [false, true]) {
    expect(compareValues(value, 5, descending)).toBe(1);
    expect(compareValues(5, value, descending)).toBe(-1);
  }
});

test('infinities of one sign are equal', () => {
  expect(compareValues(Infinity, 'Infinity')).toBe(0);
});
