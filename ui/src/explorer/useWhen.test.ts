import { expect, test } from 'vitest';
import { placeOf, timeInPass } from './useWhen';

const line = { steps: Float64Array.of(0, 5, 5, 9), x: Float64Array.of(10, 11, 12, NaN) };

test.each([
  [0, 10],
  [5, 12],
  [7, undefined],
  [9, NaN],
])('the place of step %d', (step, place) => expect(placeOf(line, step)).toBe(place));

test('a pass knows its times', () => {
  const pass = { keyword: 'pass', times: Float64Array.of(1000, 1001, 1002, 1003) };
  expect([timeInPass({ ...line, pass }, 9), timeInPass(line, 9)]).toEqual([1003, undefined]);
});
