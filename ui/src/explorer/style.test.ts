import { expect, test } from 'vitest';
import { eight, twentyFour } from '../charts';
import { resultOf, runRow } from '../data/testing';
import { group } from './grouping';
import { paletteOf, placesOf, placesOfRuns } from './style';

const groups = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key }));

test('by order, each group follows the one before', () => {
  expect(placesOf(groups, 8, false, 3)).toEqual([0, 1, 2, 3, 4]);
});

test('a kept style does not depend on groups with other styles, until styles are shuffled', () => {
  const all = placesOf(groups, 24, true, 0);
  expect(placesOf(groups.slice(1, 3), 24, true, 0)).toEqual(all.slice(1, 3));
  expect(placesOf(groups, 24, true, 1)).not.toEqual(all);
  expect(all.every((place) => place >= 0 && place < 24)).toBe(true);
});

test('values have different colors as long as there are some', () => {
  const many = Array.from({ length: 30 }, (_, at) => ({ key: `value ${at}` }));
  const places = placesOf(many, 24, true, 0);
  expect(new Set(places.slice(0, 24)).size).toBe(24);
  expect(places.every((place) => place >= 0 && place < 24)).toBe(true);
});

test('a run has the color of its position in every query', () => {
  const { items } = resultOf(
    [0, 1, 25].map((position) => ({ run: runRow(`r${position}`, { position }), series: ONE })),
  );
  const { colors } = group(items, { color: ['run.hash'], stroke: [], chart: [] });
  expect(placesOfRuns(colors, 24, 0)).toEqual([0, 1, 1]);
  expect(placesOfRuns(colors.slice(1), 24, 0)).toEqual([1, 1]);
  expect(placesOfRuns(colors, 24, 23)).toEqual([23, 0, 0]);
});

const ONE = [{ name: 'loss', y: [1] }];

test.each([
  ['few groups', 'auto', 8, false, eight],
  ['more groups', 'auto', 9, false, twentyFour],
  ['groups that keep their color', 'auto', 2, true, twentyFour],
  ['the one that is chosen', 'eight', 100, true, eight],
  ['the other that is chosen', 'many', 1, false, twentyFour],
] as const)('the palette of %s', (_, chosen, count, kept, palette) => {
  expect(paletteOf(chosen, count, kept)).toBe(palette);
});
