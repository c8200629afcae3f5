import { expect, test } from 'vitest';
import { startsLogX, startsLogY } from './axisScale';

const series = (name: string, min: number, max: number, y: number[] = []) => ({
  name,
  min,
  max,
  y: Float64Array.from(y),
});

test.each([
  ['a loss over two decades', [series('loss', 0.02, 2)], true],
  ['a loss within two decades', [series('loss', 0.03, 2)], false],
  ['decades that no line spans alone', [series('loss', 0.001, 0.002), series('loss', 0.1, 0.5)], true],
  ['a learning rate', [series('lr', 1e-6, 1e-3)], true],
  ['zero', [series('loss', 0, 2)], false],
  ['negative values', [series('reward', -1, 200)], false],
  ['an accuracy', [series('val/accuracy', 0.001, 0.9)], false],
  ['a metric of the system', [series('system.cpu', 0.1, 100)], false],
  ['a loss beside an accuracy', [series('loss', 0.001, 1), series('accuracy', 0.1, 1)], false],
  ['infinity', [series('loss', 0.1, Infinity)], false],
  ['a loss that diverges', [series('loss', 0.1, Infinity, [0.1, 90, NaN, 1e6, Infinity, NaN])], true],
  ['a loss that jumps to infinity', [series('loss', 0.1, Infinity, [2, 0.1, Infinity])], false],
  ['infinity beside numbers', [series('loss', 0.1, Infinity), series('loss', 0.01, 1)], true],
  ['no line', [], false],
  ['nothing but NaN', [series('loss', NaN, NaN)], false],
  ['NaN beside numbers', [series('loss', NaN, NaN), series('loss', 0.01, 1)], true],
])('the y axis of %s', (_, items, log) => {
  expect(startsLogY(items)).toBe(log);
});

test.each([
  [[[null, null]], true],
  [[[0.1, 1], null], true],
  [[[0, null]], false],
  [
    [
      [null, null],
      [-1, 1],
    ],
    false,
  ],
] as const)('an axis within %j', (limits, log) => {
  expect(startsLogY([series('loss', 0.02, 2)], ...limits)).toBe(log);
});

test.each([
  ['step', [1, 10, 1000], false],
  ['time', [1, 10, 1000], false],
  ['metric:tokens', [1, 10, 1000], true],
  ['metric:tokens', [NaN, 10, 1000], true],
  ['metric:tokens', [0, 10, 1000], false],
  ['metric:accuracy', [0.001, 0.9], false],
] as const)('the x axis %s of %j', (axis, x, log) => {
  expect(startsLogX([{ x: Float64Array.from(x) }], axis)).toBe(log);
});
