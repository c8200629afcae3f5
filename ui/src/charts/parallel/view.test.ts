import { describe, expect, test } from 'vitest';
import { itemAt } from '../../text/lists';
import { columnOf, type ColumnValue } from '../column';
import type { Pen } from '../pen';
import { lightTheme } from '../theme';
import type { ParallelData, ParallelOptions } from './types';
import { heightAt, makeParallelView, nearestRow } from './view';

const pen = { font: '', measureText: (text: string) => ({ width: text.length * 6 }) } as unknown as Pen;

function dataOf(
  columns: Readonly<Record<string, readonly ColumnValue[]>>,
  hidden: readonly number[] = [],
): ParallelData {
  const count = Object.values(columns)[0]?.length ?? 0;
  return {
    rows: Array.from({ length: count }, (_, i) => ({
      key: `${i}`,
      label: `${i}`,
      color: `#00000${i}`,
      hidden: hidden.includes(i),
    })),
    columns: Object.entries(columns).map(([key, cells]) => columnOf(key, key, cells)),
  };
}

const view = (data: ParallelData, more: Partial<ParallelOptions> = {}) =>
  makeParallelView(
    data,
    { theme: lightTheme, order: [], scales: {}, colorBy: null, curved: false, brushes: {}, ...more },
    { width: 500, height: 260, ratio: 1 },
    pen,
  );

describe('parallel view', () => {
  test('axes stand in the order asked for, the rest in their own', () => {
    const made = view(dataOf({ a: [1], b: [1], c: [1] }), { order: ['c', 'gone'] });
    expect(made.axes.map(({ column }) => column.key)).toEqual(['c', 'a', 'b']);
    expect(itemAt(made.axes, 1).x - itemAt(made.axes, 0).x).toBe(made.gap);
    expect(made.axes[2]?.x).toBe(made.plot.right);
  });

  test('values that an axis cannot show are on the rail, which exists only then', () => {
    const data = dataOf({ a: [1, null, -5], b: [1, 2, 3] });
    const made = view(data, { scales: { a: 'log' } });
    expect(made.rail).toBeGreaterThan(made.plot.bottom);
    expect([made.ys[2], made.ys[4]]).toEqual([made.rail, made.rail]);
    expect(view(dataOf({ a: [1, 2], b: [1, 2] })).rail).toBeNull();
    expect(view(dataOf({ a: [1, null], b: [1, 2] }, [1])).rail).toBeNull();
  });

  test.each([
    ['one axis', { a: { range: [2, 3], none: false } }, [0, 1, 1, 0]],
    ['also what is missing', { a: { range: [2, 3], none: true } }, [0, 1, 1, 1]],
    ['only what is missing', { a: { range: null, none: true } }, [0, 0, 0, 1]],
    ['two axes', { a: { range: [2, 3], none: false }, b: { range: [-0.5, 0.5], none: false } }, [0, 1, 0, 0]],
    ['an axis that is not there', { z: { range: [0, 0], none: false } }, [1, 1, 1, 1]],
  ] as const)('kept by brushes on %s', (_, brushes, wanted) => {
    const made = view(dataOf({ a: [1, 2, 3, null], b: ['x', 'x', 'y', 'x'] }), { brushes });
    expect([...made.kept]).toEqual(wanted);
  });

  test('a column colors the rows from its min to its max; rows without a value are gray', () => {
    const { gradient, muted } = lightTheme;
    const data = dataOf({ a: [1, 10, 100, null], b: ['u', 'v', 'w', 'u'] });
    expect(view(data, { colorBy: 'a', scales: { a: 'log' } }).colors).toEqual([
      gradient[0],
      gradient[32],
      gradient[63],
      muted,
    ]);
    expect(view(data, { colorBy: 'b' }).colors).toEqual([gradient[0], gradient[32], gradient[63], gradient[0]]);
    expect(view(data, { colorBy: null }).colors[1]).toBe('#000001');
  });

  test('a curve passes where a straight line does at its ends and its middle', () => {
    const data = dataOf({ a: [0, 1], b: [1, 0] });
    const [straight, curved] = [view(data), view(data, { curved: true })];
    for (const part of [0, 0.5, 1]) expect(heightAt(curved, 0, 0, part)).toBeCloseTo(heightAt(straight, 0, 0, part), 3);
    expect(heightAt(curved, 0, 0, 0.2)).toBeGreaterThan(heightAt(straight, 0, 0, 0.2));
  });

  test('the nearest row is one that is kept and in reach', () => {
    const data = dataOf({ a: [0, 1], b: [0, 1] });
    const made = view(data);
    const x = itemAt(made.axes, 0).x + made.gap / 2;
    expect(nearestRow(made, x, made.plot.top + 3, 10)).toBe(1);
    expect(nearestRow(made, x, made.plot.bottom, 10)).toBe(0);
    expect(nearestRow(made, x, (made.plot.top + made.plot.bottom) / 2, 10)).toBe(-1);
    const brushed = view(data, { brushes: { a: { range: [0, 0.5], none: false } } });
    expect(nearestRow(brushed, x, made.plot.top, 10)).toBe(-1);
  });

  test('one axis and none', () => {
    const made = view(dataOf({ a: [0, 1] }));
    expect(nearestRow(made, 0, made.plot.top, 5)).toBe(1);
    expect(nearestRow(view(dataOf({})), 0, 0, 5)).toBe(-1);
  });
});
