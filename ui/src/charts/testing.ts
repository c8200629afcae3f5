/** Small lines and traces for the tests of this folder. */
import { makeScale, type Scale } from './scales';
import { makeTrace, type Trace } from './trace';
import type { Line, Rect } from './types';

export const plot: Rect = { left: 0, top: 0, right: 100, bottom: 100 };

export function line(y: readonly number[], x: readonly number[] = y.map((_, i) => i), more: Partial<Line> = {}): Line {
  return {
    key: 'a',
    label: 'a',
    color: '#000000',
    dash: [],
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    ...more,
  };
}

/** Scales of a plot of 100 by 100 pixels, one pixel per unit, y upwards. */
export const unit: { readonly x: Scale; readonly y: Scale } = {
  x: makeScale('linear', [0, 100], [0, 100]),
  y: makeScale('linear', [0, 100], [100, 0]),
};

export function trace(y: readonly number[], x?: readonly number[], more: Partial<Line> = {}, scales = unit): Trace {
  const made = line(y, x, more);
  return makeTrace(made, scales.x, scales.y, made.y);
}
