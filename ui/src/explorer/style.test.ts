import { expect, test } from 'vitest';
import { eight, twentyFour } from '../charts';
import { paletteOf, placesOf } from './style';

const groups = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key }));

test('by order, each group follows the one before', () => {
  expect(placesOf(groups, 8, false, 3)).toEqual([0, 1, 2, 3, 4]);
});

test('a kept style does not depend on other groups, until colors are shuffled', () => {
  const all = placesOf(groups, 24, true, 0);
  expect(placesOf(groups.slice(3), 24, true, 0)).toEqual(all.slice(3));
  expect(placesOf(groups, 24, true, 1)).not.toEqual(all);
  expect(all.every((place) => place >= 0 && place < 24)).toBe(true);
});

test.each([
  ['few groups', 'auto', 8, false, eight],
  ['more groups', 'auto', 9, false, twentyFour],
  ['groups that keep their color', 'auto', 2, true, twentyFour],
  ['the one that is chosen', 'eight', 100, true, eight],
  ['the other that is chosen', 'many', 1, false, twentyFour],
] as const)('the palette of %s', (_, chosen, count, kept, palette) => {
  expect(paletteOf(chosen, count, kept)).toBe(palette);
});
