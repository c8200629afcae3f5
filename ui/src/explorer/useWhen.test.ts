import { expect, test } from 'vitest';
import { placeOf } from './useWhen';

const line = { steps: Float64Array.of(0, 5, 5, 9), x: Float64Array.of(10, 11, 12, NaN) };

test.each([
  [0, 10],
  [5, 12],
  [7, undefined],
  [9, NaN],
])('the place of step %d', (step, place) => expect(placeOf(line, step)).toBe(place));
