import { describe, expect, test } from 'vitest';
import { itemAt } from '../text/lists';
import { colorAt, darkGradient, lightGradient } from './gradient';
import { contrast, seen, SIGHT } from './sight';
import { darkTheme, lightTheme } from './theme';

const BOTH = [
  ['light', lightGradient, lightTheme],
  ['dark', darkGradient, darkTheme],
] as const;

describe('gradient', () => {
  test.each(BOTH.flatMap(([name, gradient]) => Object.keys(SIGHT).map((sight) => [name, sight, gradient] as const)))(
    'of a %s page goes one way in lightness under %s, without leaps',
    (name, sight, gradient) => {
      const places = gradient.map((color) => seen(color, sight));
      const steps = places.slice(1).map((place, i) => {
        const before = itemAt(places, i);
        return Math.hypot(place[0] - before[0], place[1] - before[1], place[2] - before[2]);
      });
      const away = name === 'light' ? -1 : 1;
      expect(Math.min(...places.slice(4).map((place, i) => (place[0] - itemAt(places, i)[0]) * away))).toBeGreaterThan(
        0,
      );
      expect(Math.max(...steps) / (steps.reduce((a, b) => a + b) / steps.length)).toBeLessThan(2.5);
      expect(Math.abs(itemAt(places, places.length - 1)[0] - itemAt(places, 0)[0])).toBeGreaterThan(0.35);
    },
  );

  test.each(BOTH)('of a %s page is seen on it', (_, gradient, { background }) => {
    for (const color of gradient) expect(contrast(color, background)).toBeGreaterThan(2.5);
  });

  test.each([
    [-1, 0],
    [0, 0],
    [1, 63],
    [7, 63],
  ])('the color at %d', (part, index) => expect(colorAt(lightGradient, part)).toBe(lightGradient[index]));
});
