/** A line prepared for drawing: smoothed, cut to the visible window, and converted to pixels. */
import { curveThrough } from './curve';
import { project, type Pixels, type Scale } from './scales';
import { smooth, smooths } from './smooth';
import type { Line, Range, ScaleKind, Smoothing } from './types';

export interface Band {
  readonly low: Pixels;
  readonly high: Pixels;
}

export interface Trace extends Pixels {
  readonly line: Line;
  /** The drawn values; the raw values without smoothing. */
  readonly shown: Float64Array;
  /** Index of the first point of the window in the line; px[0] and py[0] are its pixels. */
  readonly from: number;
  /** The stroked path: the points, or a curve through them. */
  readonly path: Pixels;
  readonly band: Band | null;
  /** The bounds of the area, as drawn. */
  readonly area: Area | null;
  /** x never decreases, so that it can be searched. */
  readonly sorted: boolean;
}

/** Decorations of a line besides its points. */
export interface Look {
  readonly curved?: boolean;
  readonly area?: Area | null;
}

export interface Area {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The points inside the window and one on each side of it, so that the line reaches the edge. */
export function makeTrace(line: Line, x: Scale, y: Scale, shown: Float64Array, look: Look = {}): Trace {
  const sorted = isSorted(line.x);
  const [from, to] = sorted ? windowOf(line.x, x.domain, 1) : [0, line.x.length];
  const place = (values: Float64Array): Pixels => {
    const px = project(x, line.x, from, to);
    const py = project(y, values, from, to);
    if (sorted) cutEnds(px, py, line.x, from, x);
    return { px, py };
  };
  const stroked = (points: Pixels) => (look.curved && sorted ? curveThrough(points) : points);
  const points = place(shown);
  const area = look.area ?? null;
  const band = area ? { low: stroked(place(aboveZero(area.low, y.kind))), high: stroked(place(area.high)) } : null;
  return { line, shown, from, ...points, path: stroked(points), band, area, sorted };
}

/** On a log scale, a lower bound of zero or less becomes the lowest visible value. */
function aboveZero(values: Float64Array, scale: ScaleKind): Float64Array {
  return scale === 'log' ? values.map((value) => (value <= 0 ? Number.MIN_VALUE : value)) : values;
}

/** Indices [from, to) of the points of a sorted x inside `range`, widened by `margin` points on both sides. */
export function windowOf(x: Float64Array, range: Range, margin: number): [number, number] {
  const from = lowerBound(x, range[0]);
  const to = upperBound(x, range[1]);
  return [Math.max(0, from - margin), Math.min(x.length, to + margin)];
}

export function lowerBound(values: Float64Array | Float32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? NaN) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function upperBound(values: Float64Array | Float32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? NaN) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const sortedness = new WeakMap<Float64Array, boolean>();

export function isSorted(x: Float64Array): boolean {
  const known = sortedness.get(x);
  if (known !== undefined) return known;
  let sorted = x.length === 0 || !Number.isNaN(x[0] ?? NaN);
  for (let i = 1; sorted && i < x.length; i++) sorted = (x[i] ?? NaN) >= (x[i - 1] ?? NaN);
  sortedness.set(x, sorted);
  return sorted;
}

const smoothed = new WeakMap<Float64Array, { readonly of: string; readonly values: Float64Array }>();

/** Smoothed values, cached by their array. */
export function shownValues(values: Float64Array, smoothing: Smoothing): Float64Array {
  if (!smooths(smoothing)) return values;
  const of = `${smoothing.kind} ${smoothing.amount}`;
  const known = smoothed.get(values);
  if (known?.of === of) return known.values;
  const made = smooth(values, smoothing);
  smoothed.set(values, { of, values: made });
  return made;
}

/** The values of a line as drawn. */
export function shownLine({ y, smoothed }: Line, smoothing: Smoothing): Float64Array {
  return smooths(smoothing) && smoothed ? smoothed : shownValues(y, smoothing);
}

/** The bounds of a line's area, smoothed like the line. */
export function shownArea({ low, high, smoothed }: Line, smoothing: Smoothing): Area | null {
  if (!low || !high) return null;
  return smoothed ? { low, high } : { low: shownValues(low, smoothing), high: shownValues(high, smoothing) };
}

const BEYOND = 64;

/** A far neighbor would lose its slope to rounding; it is moved along its segment to just outside the plot. */
function cutEnds(px: Float32Array, py: Float32Array, values: Float64Array, from: number, x: Scale): void {
  const last = px.length - 1;
  if (last < 1) return;
  const place = (i: number) => ({ x: x.of(values[from + i] ?? NaN), y: py[i] ?? NaN });
  const start = alongSegment(place(0), place(1), x.range[0] - BEYOND);
  const end = alongSegment(place(last), place(last - 1), x.range[1] + BEYOND);
  if (start && (px[0] ?? NaN) < start.x) [px[0], py[0]] = [start.x, start.y];
  if (end && (px[last] ?? NaN) > end.x) [px[last], py[last]] = [end.x, end.y];
}

interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** Where the segment crosses x; null if it does not. */
function alongSegment(a: Pixel, b: Pixel, x: number): Pixel | null {
  const part = (x - a.x) / (b.x - a.x);
  return part >= 0 && part <= 1 ? { x, y: a.y + (b.y - a.y) * part } : null;
}
