import { expect, test } from 'vitest';
import type { Rect } from '../types';
import { labelPlace } from './guides';

const plot: Rect = { left: 0, top: 0, right: 100, bottom: 100 };
const room = { width: 30, height: 14 };
const path = (...py: number[]) => ({ px: Float32Array.from(py, (_, at) => at * 12), py: Float32Array.from(py) });
const flat = (y: number) => path(...Array.from({ length: 9 }, () => y));
const box = (top: number, right = 96): Rect => ({ left: right - 30, right, top, bottom: top + 14 });

test.each<[string, ReturnType<typeof path>, Rect[], Rect | null]>([
  ['above its line', flat(50), [], box(33)],
  ['above the highest place that it passes', path(90, 90, 90, 90, 90, 90, 40, 60, 80), [], box(23)],
  ['below where the plot ends above', flat(10), [], box(13)],
  ['below where another label is above', flat(50), [box(30)], box(53)],
  ['nowhere between two others', flat(50), [box(30), box(60)], null],
  ['at the end of a line that stops', path(50, 50, 50, 50, NaN, NaN), [], box(33, 36)],
  ['of no line nowhere', path(NaN, NaN), [], null],
])('a label is %s', (_, line, taken, expected) => {
  expect(labelPlace(line, room, plot, taken)).toEqual(expected);
});
