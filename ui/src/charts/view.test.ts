import { describe, expect, test } from 'vitest';
import type { Pen } from './pen';
import { findLit } from './lit';
import { defaultOptions } from './options';
import { line } from './testing';
import type { ChartOptions, Line } from './types';
import { makeView } from './view';

const pen = { font: '', measureText: (text: string) => ({ width: text.length * 6 }) } as unknown as Pen;
const size = { width: 400, height: 300, ratio: 1 };
const view = (lines: readonly Line[], options: Partial<ChartOptions> = {}) =>
  makeView(lines, { ...defaultOptions, ...options }, size, pen);

describe('view', () => {
  test('x spans the data, y a little more', () => {
    const { frame } = view([line([1, 3, 2], [0, 10, 20])]);
    expect(frame.x.domain).toEqual([0, 20]);
    expect(frame.y.domain).toEqual([0.9, 3.1]);
  });

  test('hidden lines take no part', () => {
    const { frame, traces } = view([line([1, 2]), line([100, 200], [50, 60], { hidden: true })]);
    expect(traces.length).toBe(1);
    expect(frame.x.domain).toEqual([0, 1]);
  });

  test('y follows the data of a window of x', () => {
    const y = Array.from({ length: 101 }, (_, i) => i);
    expect(view([line(y)], { xRange: [40, 60] }).frame.y.domain).toEqual([39, 61]);
    expect(view([line(y)], { xRange: [40, 60], yRange: [0, 7] }).frame.y.domain).toEqual([0, 7]);
  });

  test('ends set by hand hold until a zoom goes before them', () => {
    const line0 = line([0, 10], [0, 10]);
    const bounds = { xBounds: [2, null], yBounds: [null, 5] } as const;
    expect(view([line0], bounds).frame.x.domain).toEqual([2, 10]);
    expect(view([line0], bounds).frame.y.domain[1]).toBe(5);
    expect(view([line0], { ...bounds, xRange: [0, 1], yRange: [0, 9] }).frame.x.domain).toEqual([0, 1]);
  });

  // Windows come from addresses that anyone can write.
  const WINDOWS = [
    [0, 0.5],
    [-1, 10],
    [-5, -1],
    [5, 5],
    [9, 1],
    [NaN, 1],
    [-Infinity, Infinity],
  ] as const;
  const FAR = [
    [-1e308, 1e308],
    [1e20, 1e20 + 16384],
    [5e-324, 1e308],
    [1e300, 1e308],
  ] as const;
  const AXES = ['step', 'relative', 'time', 'value'] as const;

  test.each([...WINDOWS, ...FAR])('a window from %d to %d of any axis is drawn', (low, high) => {
    for (const scale of ['linear', 'log'] as const) {
      for (const xKind of AXES) {
        const options = { xScale: scale, yScale: scale, xRange: [low, high], yRange: [low, high], xKind } as const;
        const { frame } = view([line([1, 3, 200], [1, 10, 500])], options);
        expect(frame.xTicks.length + frame.yTicks.length, scale).toBeLessThan(2100);
        expect([...frame.x.domain, ...frame.y.domain].every((end) => Number.isFinite(end))).toBe(true);
        if (scale === 'log') expect(Math.min(frame.x.domain[0], frame.y.domain[0])).toBeGreaterThan(0);
      }
    }
  });

  test('an area is in view, and smoothed as its line', () => {
    const banded = line([5, 5, 5], undefined, { low: Float64Array.of(0, 0, 0), high: Float64Array.of(9, 10, 9) });
    expect(view([banded]).frame.y.domain).toEqual([-0.5, 10.5]);
    const smoothing = { kind: 'average', amount: 3 } as const;
    expect(view([banded], { smoothing }).traces[0]?.area?.high).toEqual(Float64Array.of(9.5, 28 / 3, 9.5));
  });

  test('a curve has more corners than points, which stay where they are', () => {
    const [made] = view([line([0, 5, 1, 7])], { curve: 'monotone' }).traces;
    expect(made?.px.length).toBe(4);
    expect(made?.path.px.length).toBeGreaterThan(40);
  });

  test('wide labels get a wider margin, the same for small changes', () => {
    const left = (value: number) => view([line([0, value])]).frame.plot.left;
    expect(left(1)).toBe(left(2));
    const wide = view([line([100000.11, 100000.12])]).frame.plot.left;
    expect(wide).toBeGreaterThan(left(1));
  });

  test('one point and no points have a place', () => {
    expect(view([line([3], [7])]).frame.x.domain).toEqual([6.3, 7.7]);
    expect(view([]).frame.x.domain).toEqual([0, 1]);
    expect(view([line([NaN, NaN])]).frame.y.domain).toEqual([0, 1]);
  });

  test('raw values are drawn below smoothed ones, and are in view', () => {
    const smoothing = { kind: 'average', amount: 3 } as const;
    const made = view([line([0, 10, 0, 10, 0])], { smoothing });
    expect(made.raw.map((trace) => [trace.line.faint, [...trace.shown]])).toEqual([[true, [0, 10, 0, 10, 0]]]);
    expect(made.frame.y.domain).toEqual([-0.5, 10.5]);
    expect(made.traces[0]?.shown[1]).toBeCloseTo(10 / 3, 12);
  });

  test('omitted values are reported', () => {
    const y = Array.from({ length: 200 }, (_, i) => (i === 9 ? 1e9 : i % 7));
    expect(view([line(y)], { ignoreOutliers: true }).notes).toEqual(['1 outlier off the scale']);
    expect(view([line(y)], { ignoreOutliers: true, xRange: [100, 150] }).notes).toEqual([]);
    expect(view([line([1, 2, 3])], { xScale: 'log' }).notes).toEqual(['1 point at x ≤ 0']);
  });

  test('few lines are wide, many are hairlines', () => {
    const noisy = Array.from({ length: 500 }, (_, i) => (i * 7919) % 101);
    const many = (n: number) => Array.from({ length: n }, (_, i) => line(noisy, undefined, { key: String(i) }));
    expect(view(many(5)).style).toEqual({ hairlines: false, alpha: 1 });
    expect(view(many(500)).style.hairlines).toBe(true);
    expect(view(many(500)).style.alpha).toBeLessThan(0.7);
  });
});

describe('lit lines', () => {
  const made = view([
    line([1, 2], [0, 1], { key: 'a/train', run: 'a' }),
    line([2, 3], [0, 1], { key: 'a/val', run: 'a' }),
    line([3, 4], [0, 1], { key: 'b/train', run: 'b' }),
  ]);
  const keys = (lit: ReturnType<typeof findLit>) => lit.traces.map((trace) => trace.line.key);

  test.each([
    ['a line and its run', { key: 'a/train', run: null }, 'run', false, ['a/train', 'a/val'], true],
    ['a line alone', { key: 'a/train', run: null }, 'metric', false, ['a/train'], true],
    ['a line, the others stay', { key: 'a/train', run: null }, 'none', false, ['a/train'], false],
    ['a line on request', { key: 'a/train', run: null }, 'none', true, ['a/train'], true],
    ['a run from another chart', { key: 'elsewhere', run: 'b' }, 'run', true, ['b/train'], true],
    ['a run that is not here', { key: null, run: 'c' }, 'run', true, [], false],
    ['nothing', { key: null, run: null }, 'run', false, [], false],
  ] as const)('%s', (_, focus, highlight, asked, wanted, dims) => {
    const lit = findLit(made, focus, highlight, asked);
    expect(keys(lit)).toEqual(wanted);
    expect(lit.dims).toBe(dims);
  });
});
