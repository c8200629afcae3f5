import { assert, describe, expect, test } from 'vitest';
import { itemAt } from '../../text/lists';
import { columnOf } from '../column';
import type { Pen } from '../pen';
import { lightTheme } from '../theme';
import { dragged, endOf, nudged, pressAt, sameBrushes, spanOn, withBrush } from './brushes';
import type { Brushes, ParallelOptions } from './types';
import { makeParallelView } from './view';

const pen = { font: '', measureText: (text: string) => ({ width: text.length * 6 }) } as unknown as Pen;
const lr = columnOf('lr', 'lr', [0, 50, 100, 100]);
const optimizer = columnOf('opt', 'opt', ['a', 'b', 'c', null]);
const rows = [0, 1, 2, 3].map((i) => ({ key: `${i}`, label: `run ${i}`, color: '#000000' }));
const view = (brushes: Brushes = {}, more: Partial<ParallelOptions> = {}) =>
  makeParallelView(
    { rows, columns: [lr, optimizer] },
    { theme: lightTheme, order: [], scales: {}, colorBy: null, curved: false, brushes, ...more },
    { width: 400, height: 290, ratio: 1 },
    pen,
  );
/** The axis spans 44 to 244, two pixels per unit of lr; the rail is at 270. */
const made = view();
const axis = itemAt(made.axes, 0);
const half: Brushes = { lr: { range: [25, 75], none: false } };

describe('brushes', () => {
  test('the axis that these tests reckon with', () => {
    expect(axis.scale.range).toEqual([244, 44]);
    expect(made.rail).toBe(270);
  });

  test.each([
    ['on a bare axis', {}, 0, 100, 'new'],
    ['inside', half, 3, 144, 'move'],
    ['on the upper edge', half, 0, 96, 'top'],
    ['on the lower edge', half, 0, 190, 'bottom'],
    ['above', half, 0, 60, 'new'],
  ] as const)('a press %s', (_, brushes, dx, y, grip) =>
    expect(pressAt(made, brushes, axis.x + dx, y)?.grip).toBe(grip),
  );

  test('a press away from every axis grabs none', () => expect(pressAt(made, half, axis.x + 40, 144)).toBeNull());

  test.each([
    ['makes one', {}, 94, 194, { range: [25, 75], none: false }],
    ['upwards makes the same', {}, 194, 94, { range: [25, 75], none: false }],
    ['beyond the end keeps the end', {}, 144, -50, { range: [50, 100], none: false }],
    ['down to the rail keeps what has no value', {}, 144, 275, { range: [0, 50], none: true }],
    ['around the rail keeps only that', {}, 255, 275, { range: null, none: true }],
    ['of a hair is not meant', {}, 100, 102, null],
    ['moves it', half, 144, 124, { range: [35, 85], none: false }],
    ['moves it no further than the end', half, 144, 0, { range: [50, 100], none: false }],
    ['moves its upper edge', half, 94, 64, { range: [25, 90], none: false }],
    ['moves an edge across the other', half, 94, 224, { range: [10, 25], none: false }],
  ] as const)('a drag %s', (_, brushes, from, to, wanted) => {
    const press = pressAt(made, brushes, axis.x, from);
    assert(press);
    expect(dragged(made, press, to)).toEqual(wanted);
  });

  test.each([
    [undefined, null],
    [
      { range: [25, 75], none: false },
      { top: 94, bottom: 194 },
    ],
    [
      { range: [0, 50], none: true },
      { top: 144, bottom: 276 },
    ],
    [
      { range: null, none: true },
      { top: 264, bottom: 276 },
    ],
    [
      { range: [-500, 500], none: false },
      { top: 44, bottom: 244 },
    ],
  ] as const)('%j lies at %j', (brush, wanted) => expect(spanOn(made, axis, brush)).toEqual(wanted));

  test.each([
    ['low', undefined, 'ArrowUp', { range: [1, 100], none: false }],
    ['low', { range: [25, 75], none: false }, 'PageUp', { range: [35, 75], none: false }],
    ['low', { range: [70, 75], none: false }, 'PageUp', { range: [75, 75], none: false }],
    ['high', { range: [25, 75], none: false }, 'End', { range: [25, 100], none: false }],
    ['low', { range: [25, 100], none: false }, 'Home', { range: [0, 100], none: false }],
    ['low', { range: [25, 75], none: false }, 'Delete', null],
    ['low', undefined, 'Delete', undefined],
    ['low', undefined, 'x', undefined],
  ] as const)('the %s end of %j after %s', (end, brush, key, wanted) =>
    expect(nudged(axis, brush, end, key)).toEqual(wanted),
  );

  test('an end moves by whole categories', () => {
    const categories = itemAt(made.axes, 1);
    const wanted = nudged(categories, undefined, 'high', 'ArrowDown');
    assert(wanted);
    expect(wanted.range?.[1]).toBeCloseTo(1.5, 9);
    expect(endOf(categories, wanted, 'low')).toBe(-0.5);
  });

  test('brushes are added, replaced and taken away', () => {
    const brush = { range: [0, 1], none: false } as const;
    expect(withBrush(half, 'opt', brush)).toEqual({ ...half, opt: brush });
    expect(withBrush(half, 'lr', null)).toEqual({});
    expect(sameBrushes(half, { lr: { range: [25, 75], none: false } })).toBe(true);
    expect(sameBrushes(half, { lr: { range: [25, 75], none: true } })).toBe(false);
    expect(sameBrushes(half, {})).toBe(false);
  });
});
