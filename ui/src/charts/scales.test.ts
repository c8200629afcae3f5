import { describe, expect, test } from 'vitest';
import { FAR, makeScale, project, zoomAround } from './scales';

describe('scales', () => {
  test.each([
    ['linear', [0, 10], [0, 100], 5, 50],
    ['linear', [0, 10], [100, 0], 2.5, 75],
    ['linear', [-1, 1], [0, 100], -1, 0],
    ['log', [1, 100], [0, 100], 10, 50],
    ['log', [0.001, 1], [300, 0], 0.1, 100],
  ] as const)('%s %j onto %j puts %d at %d, and back', (kind, domain, range, value, pixel) => {
    const scale = makeScale(kind, domain, range);
    expect(scale.of(value)).toBeCloseTo(pixel, 9);
    expect(scale.invert(pixel)).toBeCloseTo(value, 9);
  });

  test('a log scale has no place for zero and less', () => {
    const scale = makeScale('log', [1, 100], [0, 100]);
    expect([0, -5].map(scale.of)).toEqual([NaN, NaN]);
  });

  test('project agrees with the scale, and gives NaN for values that it cannot show', () => {
    const values = Float64Array.of(-1, 0, 1, 10, NaN, Infinity, -Infinity);
    const linear = makeScale('linear', [0, 10], [100, 0]);
    expect([...project(linear, values, 0, 7)]).toEqual([110, 100, 90, 0, NaN, NaN, NaN]);
    const log = makeScale('log', [1, 100], [0, 100]);
    expect([...project(log, values, 0, 7)]).toEqual([NaN, NaN, 0, 50, NaN, NaN, NaN]);
  });

  test('a value far off the plot keeps its direction', () => {
    const up = makeScale('linear', [0, 1], [100, 0]);
    expect([...project(up, Float64Array.of(1e30, -1e30, 1e308), 0, 3)]).toEqual([-FAR, FAR, -FAR]);
  });

  test('dates keep their seconds in 32 bits', () => {
    const scale = makeScale('linear', [1.7e9, 1.7e9 + 900], [0, 900]);
    expect(project(scale, Float64Array.of(1.7e9 + 1.5), 0, 1)[0]).toBe(1.5);
  });

  test('zoomAround keeps the place under the pointer', () => {
    expect(zoomAround(makeScale('linear', [0, 100], [0, 500]), 50, 0.5)).toEqual([25, 75]);
    const [low, high] = zoomAround(makeScale('log', [1, 10000], [0, 400]), 100, 0.5);
    expect(low).toBeCloseTo(10, 9);
    expect(high).toBeCloseTo(1000, 9);
  });
});
