/** Brushes on axes: the meaning of a press, the result of a drag, and moving edges by key. */
import { sameRange } from '../zoom';
import type { AxisBrush, Brushes } from './types';
import type { AxisView, ParallelView } from './view';

/** How close to an axis, or to an edge of its brush, a press must be. */
const REACH = 12;
const EDGE = 6;
const LEAST = 3;

export type Grip = 'new' | 'move' | 'top' | 'bottom';

/** A press on an axis: the grabbed part, and the brush at that time, in pixels. */
export interface Press {
  readonly axis: AxisView;
  readonly grip: Grip;
  readonly from: number;
  readonly span: BrushSpan | null;
}

/** From top to bottom, in pixels. */
export interface BrushSpan {
  readonly top: number;
  readonly bottom: number;
}

export function pressAt(view: ParallelView, brushes: Brushes, x: number, y: number): Press | null {
  const axis = view.axes.find((candidate) => Math.abs(candidate.x - x) <= REACH);
  if (!axis || y < view.plot.top - REACH || y > (view.rail ?? view.plot.bottom) + REACH) return null;
  const span = spanOn(view, axis, brushes[axis.column.key]);
  return { axis, grip: gripAt(span, y), from: y, span };
}

function gripAt(span: BrushSpan | null, y: number): Grip {
  if (!span) return 'new';
  if (Math.abs(y - span.top) <= EDGE) return 'top';
  if (Math.abs(y - span.bottom) <= EDGE) return 'bottom';
  return y > span.top && y < span.bottom ? 'move' : 'new';
}

/** The position of a brush on its axis; if it includes rows without a value, it extends around their rail. */
export function spanOn({ rail }: ParallelView, { scale }: AxisView, brush: AxisBrush | undefined): BrushSpan | null {
  if (!brush) return null;
  const floor = rail === null ? scale.range[0] : rail + EDGE;
  if (!brush.range) return brush.none ? { top: floor - 2 * EDGE, bottom: floor } : null;
  const [low, high] = brush.range;
  const bottom = Math.min(scale.range[0], scale.of(low));
  const top = Math.max(scale.range[1], scale.of(high));
  return {
    top: Number.isNaN(top) ? scale.range[0] : top,
    bottom: brush.none ? floor : Number.isNaN(bottom) ? scale.range[0] : bottom,
  };
}

/** The brush after a drag to y; null if it has become too small. */
export function dragged(view: ParallelView, press: Press, y: number): AxisBrush | null {
  const by = y - press.from;
  const { span, grip } = press;
  if (!span || grip === 'new')
    return brushOf(view, press.axis, { top: Math.min(press.from, y), bottom: Math.max(press.from, y) });
  if (grip === 'move') return brushOf(view, press.axis, movedSpan(view, press.axis, span, by));
  const top = grip === 'top' ? span.top + by : span.top;
  const bottom = grip === 'bottom' ? span.bottom + by : span.bottom;
  return brushOf(view, press.axis, { top: Math.min(top, bottom), bottom: Math.max(top, bottom) });
}

/** Moves the whole brush, limited by the ends of the axis. */
function movedSpan({ rail }: ParallelView, { scale }: AxisView, { top, bottom }: BrushSpan, by: number): BrushSpan {
  const floor = rail === null ? scale.range[0] : rail + EDGE;
  const shift = Math.max(scale.range[1] - top, Math.min(floor - bottom, by));
  return { top: top + shift, bottom: bottom + shift };
}

function brushOf({ rail }: ParallelView, { scale }: AxisView, { top, bottom }: BrushSpan): AxisBrush | null {
  if (bottom - top < LEAST) return null;
  const none = rail !== null && bottom >= rail - EDGE;
  const [floor, ceiling] = scale.range;
  if (top >= floor) return none ? { range: null, none } : null;
  const low = bottom >= floor ? scale.domain[0] : scale.invert(bottom);
  const high = top <= ceiling ? scale.domain[1] : scale.invert(top);
  return { range: [low, high], none };
}

export function withBrush(brushes: Brushes, key: string, brush: AxisBrush | null): Brushes {
  const { [key]: _, ...others } = brushes;
  return brush ? { ...others, [key]: brush } : others;
}

export function sameBrushes(a: Brushes, b: Brushes): boolean {
  return (
    Object.keys(a).length === Object.keys(b).length &&
    Object.entries(a).every(([key, { none, range }]) => b[key]?.none === none && sameRange(range, b[key].range))
  );
}

export type End = 'low' | 'high';

const STRIDES: Readonly<Record<string, number>> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: 10,
  PageDown: -10,
  Home: -Infinity,
  End: Infinity,
};

/** The value at one end of a brush. */
export function endOf({ scale }: AxisView, brush: AxisBrush | undefined, end: End): number {
  return (brush?.range ?? scale.domain)[end === 'low' ? 0 : 1];
}

/** The brush after a key on one of its ends; undefined if the key does nothing, null if it clears the brush. */
export function nudged(
  axis: AxisView,
  brush: AxisBrush | undefined,
  end: End,
  key: string,
): AxisBrush | null | undefined {
  if (key === 'Escape' || key === 'Delete' || key === 'Backspace') return brush ? null : undefined;
  const stride = STRIDES[key];
  if (stride === undefined) return undefined;
  const { scale, column } = axis;
  const [low, high] = brush?.range ?? scale.domain;
  const pixel = scale.of(end === 'low' ? low : high);
  const step = column.categories
    ? (scale.range[0] - scale.range[1]) / column.categories.length
    : (scale.range[0] - scale.range[1]) / 100;
  const wanted = Math.max(scale.range[1], Math.min(scale.range[0], pixel - stride * step));
  const value =
    wanted === scale.range[0] ? scale.domain[0] : wanted === scale.range[1] ? scale.domain[1] : scale.invert(wanted);
  const range = end === 'low' ? ([Math.min(value, high), high] as const) : ([low, Math.max(value, low)] as const);
  const none = brush?.none ?? false;
  return sameRange(range, scale.domain) && (none || !brush) ? null : { range, none };
}
