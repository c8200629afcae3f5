import { describe, expect, test } from 'vitest';
import { colorFor, dashes, dashFor, eight, stableIndex, twentyFour } from './palette';
import { closest, contrast, SIGHT } from './sight';
import { darkTheme, lightTheme } from './theme';

describe('palette', () => {
  test.each([
    ['light', lightTheme],
    ['dark', darkTheme],
  ] as const)('%s colors and text stand out from the page', (theme, { background, text, muted }) => {
    for (const color of [...eight[theme], ...twentyFour[theme]]) expect(contrast(color, background)).toBeGreaterThan(3);
    for (const color of [text, muted]) expect(contrast(color, background)).toBeGreaterThan(4.5);
  });

  test.each(Object.keys(SIGHT))('the eight stay apart under %s', (sight) => {
    expect(closest(eight.light, sight)).toBeGreaterThan(0.08);
    expect(closest(eight.dark, sight)).toBeGreaterThan(0.08);
  });

  test.each(Object.keys(SIGHT))('no two of the twenty-four look the same under %s', (sight) => {
    expect(closest(twentyFour.light, sight)).toBeGreaterThan(0.025);
    expect(closest(twentyFour.dark, sight)).toBeGreaterThan(0.025);
  });

  test('the eight come first in the twenty-four, and colors repeat after the last', () => {
    expect(twentyFour.light.slice(0, 8)).toEqual(eight.light);
    expect(new Set(twentyFour.dark).size).toBe(24);
    expect(colorFor(9)).toBe(eight.light[1]);
    expect(colorFor(-1, 'dark', twentyFour)).toBe(twentyFour.dark[23]);
  });

  test('nine dash patterns, the first solid', () => {
    expect(new Set(dashes.map(String)).size).toBe(9);
    expect(dashFor(0)).toEqual([]);
    expect(dashFor(10)).toBe(dashes[1]);
  });

  test('a name keeps its place, and similar names spread', () => {
    expect(stableIndex('lr=0.1', 8)).toBe(stableIndex('lr=0.1', 8));
    const places = Array.from({ length: 800 }, (_, i) => stableIndex(`run-${i}`, 8));
    const counts = Array.from({ length: 8 }, (_, i) => places.filter((place) => place === i).length);
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });
});
