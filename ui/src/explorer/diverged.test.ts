import { expect, test } from 'vitest';
import { drawnText } from './diverged';

const line = (key: string, ...y: number[]) => ({ key, x: Float64Array.from(y.keys()), y: Float64Array.from(y) });
const LINES = [line('good', 1, 2), line('bad', 1, NaN), line('worse', 1, Infinity), line('nothing', NaN, NaN)];

test.each([
  [['good', 'bad', 'worse', 'nothing'], '4 lines; 3 diverged'],
  [['good', 'bad'], '2 of 4 lines; 1 diverged'],
  [['good', 'nothing'], '2 of 4 lines; 1 diverged'],
  [['good'], '1 of 4 lines'],
])('with %j drawn', (shown, text) => expect(drawnText(LINES, new Set(shown))).toBe(text));
