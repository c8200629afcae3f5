import { describe, expect, test } from 'vitest';
import { columnOf, type ColumnValue } from '../column';
import type { Pen } from '../pen';
import { lightTheme } from '../theme';
import type { ScatterOptions } from './types';
import { makeScatterView, nearestOf, stepFrom } from './view';

const pen = { font: '', measureText: (text: string) => ({ width: text.length * 6 }) } as unknown as Pen;
const options: ScatterOptions = {
  theme: lightTheme,
  xScale: 'linear',
  yScale: 'linear',
  xRange: null,
  yRange: null,
  trend: 'none',
  trendBy: 'all',
};

function view(
  x: readonly ColumnValue[],
  y: readonly ColumnValue[],
  more: Partial<ScatterOptions> = {},
  hidden: readonly number[] = [],
) {
  const rows = x.map((_, i) => ({
    key: `${i}`,
    label: `${i}`,
    color: i % 2 ? '#111111' : '#222222',
    hidden: hidden.includes(i),
  }));
  const data = { rows, x: columnOf('x', 'lr', x), y: columnOf('y', 'loss', y) };
  return makeScatterView(data, { ...options, ...more }, { width: 400, height: 300, ratio: 1 }, pen);
}

describe('scatter view', () => {
  test('points inside the frame, with room at the ends', () => {
    const { frame, px, py } = view([0, 10], [5, 7]);
    expect(frame.x.domain).toEqual([-0.5, 10.5]);
    expect(px[0]).toBeCloseTo(frame.x.of(0), 4);
    expect(py[1]).toBeCloseTo(frame.y.of(7), 4);
  });

  test('values that the axes cannot show are left out and reported', () => {
    const made = view([1, null, 0, 5], [1, 2, 3, NaN], { xScale: 'log' });
    expect(made.rows).toEqual([0]);
    expect(made.notes).toEqual(['1 without lr', '1 with lr ≤ 0', '1 without loss']);
    expect(view([1, null], [1, 2], {}, [1]).notes).toEqual([]);
  });

  test('categories have places and names, and no trend', () => {
    const { frame, trends } = view(['adam', 'sgd', 'adam'], [1, 2, 3], { trend: 'linear' });
    expect(frame.x.domain).toEqual([-0.5, 1.5]);
    expect(frame.xTicks).toEqual([
      { value: 0, label: 'adam' },
      { value: 1, label: 'sgd' },
    ]);
    expect(trends).toEqual([]);
  });

  test('names of many categories stay apart', () => {
    const names = Array.from({ length: 100 }, (_, i) => `a long name ${i}`);
    const { frame } = view(
      names,
      names.map((_, i) => i),
    );
    expect(frame.xTicks.length).toBeLessThan(7);
    expect(frame.xTicks[0]?.label).toMatch(/…$/);
  });

  test.each([
    ['all', 1],
    ['group', 2],
  ] as const)('a trend of %s', (trendBy, count) =>
    expect(view([0, 1, 2, 3], [0, 1, 2, 3], { trend: 'linear', trendBy }).trends.length).toBe(count),
  );

  test('on a log scale the trend is straight in powers', () => {
    const made = view([1, 10, 100], [1, 2, 3], { xScale: 'log', trend: 'linear' });
    expect(made.trends[0]?.said).toBe('r 1 · r² 1 · n 3');
    expect(made.trends[0]?.px[1]).toBeCloseTo(made.frame.x.of(100), 3);
  });

  test('the nearest visible point within reach', () => {
    const made = view([0, 10], [0, 10], { xRange: [-1, 5], yRange: [-1, 11] });
    const near = (at: number, dx: number) => nearestOf(made, (made.px[at] ?? NaN) + dx, made.py[at] ?? NaN, 20);
    expect([near(0, 5), near(0, 50), near(1, 0)]).toEqual([0, -1, -1]);
  });

  test.each([
    [-1, 1, 1],
    [1, 1, 2],
    [2, -1, 1],
    [0, 1, 0],
    [1, Infinity, 0],
  ])('from point %d by %d', (from, by, wanted) => {
    const made = view([3, 1, 2], [0, 0, 1]);
    expect(stepFrom(made, from, by)).toBe(wanted);
  });
});
