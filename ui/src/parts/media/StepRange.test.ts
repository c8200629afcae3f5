import { expect, test } from 'vitest';
import { inOrder, placeAt } from './StepRange';

test('the steps of all, in order', () => {
  expect(inOrder([[0, 10, 20], [5, 20], []].flat())).toEqual([0, 5, 10, 20]);
});

test.each([
  [null, 2],
  [20, 2],
  [99, 2],
  [15, 1],
  [0, 0],
  [-5, 0],
])('step %s is shown at place %d', (step, place) => expect(placeAt([0, 10, 20], step)).toBe(place));
