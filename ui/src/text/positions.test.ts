import { expect, test } from 'vitest';
import { charactersAt, unitsAt } from './positions';

test.each([
  ['loss', 2, 2],
  ['🙂 loss', 2, 3],
  ['🙂🙂', 1, 2],
  ['loss', 4, 4],
  ['loss', 6, 6],
])('in %j character %i is unit %i', (text, character, unit) => {
  expect(unitsAt(text, character)).toBe(unit);
  expect(charactersAt(text, Math.min(unit, text.length))).toBe(Math.min(character, [...text].length));
});
