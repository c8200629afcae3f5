import { describe, expect, test } from 'vitest';
import { aggregate, type AreaMethod } from './aggregate';
import type { Points } from './points';

const line = (y: readonly number[], x: readonly number[] = y.map((_, i) => i)): Points => ({
  x: Float64Array.from(x),
  y: Float64Array.from(y),
});
const options = { line: 'mean', area: 'none' } as const;
const minmax = { line: 'mean', area: 'minmax' } as const;

const SAMPLE = [4.1, 2.2, 9.7, 3.3, 5.0, 8.4, 1.9, 6.6, 40.0];

/**
 * scipy 1.18.1 and numpy, of the first n values v of the sample: v.mean(), np.median(v),
 * scipy.stats.trim_mean(v, 0.25), v.std(ddof=1), scipy.stats.sem(v),
 * scipy.stats.t.interval(0.95, n - 1, loc=v.mean(), scale=sem(v))
 */
const SPREADS: readonly (readonly number[])[] = [
  [1, 4.1, 4.1, 4.1, NaN, NaN, NaN, NaN],
  [2, 3.15, 3.15, 3.15, 1.3435028842544399, 0.95, -8.920894499365954, 15.220894499365954],
  [
    3, 5.333333333333333, 4.1, 5.333333333333333, 3.8991452054691846, 2.2511725339870727, -4.352680315163158,
    15.019346981829823,
  ],
  [4, 4.825, 3.7, 3.7, 3.3420303210274236, 1.6710151605137118, -0.49291602364992393, 10.142916023649924],
  [5, 4.86, 4.1, 4.133333333333333, 2.89534108526094, 1.2948358969382951, 1.2649592119112762, 8.455040788088724],
  [6, 5.45, 4.55, 5.2, 2.9656365252673833, 1.2107160415776002, 2.3377553354071203, 8.56224466459288],
  [7, 4.942857142857143, 4.1, 4.6, 3.0215101868972423, 1.1420235054826278, 2.148426293005569, 7.737287992708717],
  [8, 5.15, 4.55, 4.75, 2.8580712777275914, 1.0104807907978401, 2.760592616310773, 7.539407383689228],
  [9, 9.022222222222222, 5, 5.48, 11.920337429974222, 3.973445809991407, -0.14056024662762923, 18.185004691072074],
];

describe('aggregate', () => {
  test.each(SPREADS)('%d values against scipy', (n, mean, median, iqm, std, stderr, low, high) => {
    const lines = SAMPLE.slice(0, n).map((value) => line([value]));
    const at = (method: 'mean' | 'median' | 'iqm' | 'min' | 'max') =>
      aggregate(lines, { ...options, line: method }).y[0];
    expect(at('mean')).toBeCloseTo(mean, 12);
    expect(at('median')).toBeCloseTo(median, 12);
    expect(at('iqm')).toBeCloseTo(iqm, 12);
    expect([at('min'), at('max')]).toEqual([Math.min(...SAMPLE.slice(0, n)), Math.max(...SAMPLE.slice(0, n))]);
    const bounds = (area: AreaMethod) => {
      const made = aggregate(lines, { ...options, area });
      return [made.low[0] ?? NaN, made.high[0] ?? NaN];
    };
    if (n === 1) return expect([...bounds('std'), ...bounds('ci95')]).toEqual([NaN, NaN, NaN, NaN]);
    for (const [area, reach] of [
      ['std', std],
      ['stderr', stderr],
    ] as const) {
      expect(bounds(area)[0]).toBeCloseTo(mean - reach, 10);
      expect(bounds(area)[1]).toBeCloseTo(mean + reach, 10);
    }
    expect(bounds('ci95')[0]).toBeCloseTo(low, 9);
    expect(bounds('ci95')[1]).toBeCloseTo(high, 9);
  });

  test('lines meet at the x of all, each only between its ends', () => {
    const made = aggregate([line([0, 10], [0, 10]), line([2, 4], [5, 20])], minmax);
    expect([...made.x]).toEqual([0, 5, 10, 20]);
    expect([...made.count]).toEqual([1, 2, 2, 1]);
    expect([...made.y]).toEqual([0, 3.5, (10 + 2 + 2 / 3) / 2, 4]);
    expect([...made.low]).toEqual([0, 2, 2 + 2 / 3, 4]);
    expect([...made.high]).toEqual([0, 5, 10, 4]);
  });

  test.each([
    ['linear', 'linear', 1 + 9 * (99 / 999) * 11],
    ['log', 'linear', 67],
    ['log', 'log', 10 ** (4 / 3)],
    ['linear', 'log', 100 ** (99 / 999)],
  ] as const)('between points as on an x %s and y %s axis', (xScale, yScale, wanted) => {
    const made = aggregate([line([1, 100], [1, 1000]), line([NaN], [100])], { ...options, xScale, yScale });
    expect(made.y[1]).toBeCloseTo(wanted, 10);
  });

  test('a value of zero or less keeps its place on a log axis of y, and an x of zero has none', () => {
    const made = aggregate([line([1, -1, 3], [0, 1, 100])], { ...options, xScale: 'log', yScale: 'log' });
    expect([...made.x]).toEqual([1, 100]);
    expect([...made.y]).toEqual([-1, 3]);
  });

  test('values that are not finite are ignored, up to their neighbors', () => {
    const made = aggregate([line([1, NaN, 3, Infinity, 3]), line([5, 5, 5, 5, 5]), line([8], [0.5])], minmax);
    expect([...made.x]).toEqual([0, 0.5, 1, 2, 3, 4]);
    expect([...made.count]).toEqual([2, 2, 1, 2, 1, 2]);
    expect([...made.y]).toEqual([3, 6.5, 5, 4, 5, 4]);
    expect([...made.min]).toEqual([1, 5, 5, 3, 5, 3]);
  });

  test.each([
    ['minmax', [1, 1, NaN, 1], [2, 2, NaN, 2]],
    ['stderr', [1, 1, NaN, 1], [2, 2, NaN, 2]],
  ] as const)('the area, here %s, is of the lines that do not diverge', (area, low, high) => {
    const made = aggregate([line([1, 1, 1, 1]), line([2, 2, 2, 2]), line([3, 90, NaN, NaN])], { line: 'mean', area });
    expect([...made.y]).toEqual([2, 31, NaN, 1.5]);
    expect([[...made.low], [...made.high]]).toEqual([low, high]);
    const fallen = { ...line([3, 0, 0, 0]), diverged: true };
    expect([...aggregate([line([1, 1, 1, 1]), line([2, 2, 2, 2]), fallen], { line: 'mean', area }).low]).toEqual(
      low.map((value) => (Number.isNaN(value) ? 1 : value)),
    );
    expect(aggregate([fallen], { line: 'mean', area }).high.every(Number.isNaN)).toBe(true);
  });

  test('where nobody has a value there is none', () => {
    const made = aggregate([line([NaN, 1])], minmax);
    expect([made.y[0], made.min[0], made.max[0], made.low[0], made.count[0]]).toEqual([NaN, NaN, NaN, NaN, 0]);
    expect(aggregate([], options).x.length).toBe(0);
  });

  test('a line out of order and points of equal x', () => {
    const made = aggregate([line([3, 1, 2, 4], [3, 1, 2, 2]), line([9, 9], [NaN, 1])], minmax);
    expect([...made.x]).toEqual([1, 2, 3]);
    expect([...made.y]).toEqual([5, 3, 3]);
    expect([made.low[1], made.high[1]]).toEqual([2, 4]);
  });

  test('too many x become columns that keep every extreme', () => {
    const n = 100_000;
    const x = Float64Array.from({ length: n }, (_, i) => i);
    const flat = { x, y: new Float64Array(n).fill(1) };
    const spiked = { x: x.map((value) => value + 0.5), y: new Float64Array(n).fill(1) };
    spiked.y[77_777] = 1000;
    const made = aggregate([flat, spiked], { ...minmax, most: 500 });
    expect(made.x.length).toBe(500);
    expect([made.x[0], made.x[499]]).toEqual([0, n - 0.5]);
    expect(Math.max(...made.high)).toBe(1000);
    expect(made.high.filter((value) => value > 1).length).toBe(1);
    expect([...made.count].every((count) => count === 2)).toBe(true);
  });

  test('columns of a log axis are equally wide there', () => {
    const x = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
    const { x: places } = aggregate([{ x, y: x }], { ...options, xScale: 'log', most: 10 });
    const starts = Array.from({ length: 10 }, (_, i) => Math.ceil(1000 ** (i / 10)));
    expect([...places]).toEqual([...starts.slice(0, -1), 1000]);
  });

  test('a column is drawn where lines have points, with their values at that very x', () => {
    const x = Float64Array.from({ length: 40_000 }, (_, i) => i);
    const of = (shift: number) => ({ x, y: x.map((at) => 1 / (at + 1) + shift) });
    const other = { x: x.filter((_, i) => i % 3 > 0), y: of(4).y.filter((_, i) => i % 3 > 0) };
    const made = aggregate([of(0), other, of(8)], { ...minmax, most: 300 });
    const inner = [...made.x.keys()].slice(1, -1);
    expect(inner.every((at) => (made.x[at] ?? NaN) % 3 > 0)).toBe(true);
    const off = inner.map((at) => Math.abs((made.y[at] ?? NaN) - 1 / ((made.x[at] ?? NaN) + 1) - 4));
    expect(Math.max(...off)).toBeLessThan(1e-12);
    expect(Math.max(...made.high.subarray(0, 1))).toBe(9);
  });

  test('a column without a point of any line is left out', () => {
    const x = Float64Array.from({ length: 1000 }, (_, i) => (i < 990 ? i : 10 * i));
    const made = aggregate([{ x, y: x }], { ...options, most: 100 });
    expect([...made.y]).toEqual([...made.x.map((at, i) => (i === 0 ? made.y[0] : at) ?? NaN)]);
    expect(made.x.length).toBeLessThan(100);
  });

  test('columns after the end of the first lines are those of the others, and break where one diverges', () => {
    const sine = (points: number) => line(Array.from({ length: points }, (_, i) => Math.sin(i / 500)));
    const long = sine(40_000);
    long.y.fill(NaN, 30_000);
    long.y[20_000] = 9;
    const made = aggregate([...Array.from({ length: 8 }, () => sine(1000)), long], { ...minmax, most: 100 });
    const rest = [...made.x.keys()].filter((at) => (made.x[at] ?? NaN) > 1000).slice(0, -1);
    expect(rest.length).toBe(96);
    expect(made.max[made.x.indexOf(20_000)]).toBe(9);
    const exact = rest.map((at) => ((made.x[at] ?? NaN) < 30_000 ? long.y[made.x[at] ?? NaN] : NaN));
    expect(rest.map((at) => made.y[at])).toEqual(exact);
  });

  test('a value that a line passes between two columns is one of its extremes', () => {
    const x = Float64Array.from({ length: 1000 }, (_, i) => i);
    const shifted = { x: x.map((at) => at + 0.5), y: x.map((at) => (at < 500 ? 100 : 0)) };
    const { low, high, min, mean, max } = aggregate([{ x, y: x.map(() => 0) }, shifted], { ...minmax, most: 100 });
    expect(mean).toContain(25);
    mean.forEach((value, at) => {
      expect(value).toBeGreaterThanOrEqual(min[at] ?? NaN);
      expect(value).toBeLessThanOrEqual(max[at] ?? NaN);
    });
    expect([low, high]).toEqual([min, max]);
  });

  test('many lines become columns sooner, because each has a value at each x', () => {
    const x = Float64Array.from({ length: 300 }, (_, i) => i);
    const placesOf = (lines: number) => aggregate(Array(lines).fill({ x, y: x }), { ...options, most: 100 }).x.length;
    expect([placesOf(2), placesOf(20_000)]).toEqual([300, 100]);
  });

  test('a window has its edges and nothing beyond', () => {
    const made = aggregate([line([0, 10, 20, 30], [0, 10, 20, 30])], { ...options, window: [5, 20] });
    expect([...made.x]).toEqual([5, 10, 20]);
    expect([...made.y]).toEqual([5, 10, 20]);
  });
});
