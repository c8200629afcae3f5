/** Finds the point nearest to a position in the plot, in pixels, fast enough for every frame. */
import { lowerBound, upperBound, type Trace } from './trace';
import type { Rect } from './types';

export interface Near {
  readonly trace: Trace;
  /** Index in the trace's pixels; the index in the line is `trace.from + at`. */
  readonly at: number;
  readonly distance: number;
}

const FIRST_LOOK = 16;

/** The line whose drawn path passes nearest, and the nearer of its adjacent points. */
export function nearestPoint(traces: readonly Trace[], x: number, y: number, plot: Rect): Near | null {
  const near = nearestWithin(traces, x, y, plot, FIRST_LOOK);
  return near && near.distance > FIRST_LOOK ? nearestWithin(traces, x, y, plot, near.distance) : near;
}

/** Checks the segments within x ± reach, and always those that bracket x. */
function nearestWithin(traces: readonly Trace[], x: number, y: number, plot: Rect, reach: number): Near | null {
  let best: Trace | null = null;
  let bestAt = 0;
  let bestSquare = Infinity;
  for (const trace of traces) {
    const { px, py } = trace;
    const from = trace.sorted ? Math.max(0, lowerBound(px, x - reach) - 1) : 0;
    const to = trace.sorted ? Math.min(px.length, upperBound(px, x + reach) + 1) : px.length;
    for (let i = from; i < to; i++) {
      const end = i + 1 < to && py[i + 1] === py[i + 1] ? i + 1 : i;
      const square = segmentSquare(px[i] ?? NaN, py[i] ?? NaN, px[end] ?? NaN, py[end] ?? NaN, x, y);
      if (!(square < bestSquare)) continue;
      const at = nearerEnd(px, py, i, end, x, y, plot);
      if (at < 0) continue;
      best = trace;
      bestAt = at;
      bestSquare = square;
    }
  }
  return best && { trace: best, at: bestAt, distance: Math.sqrt(bestSquare) };
}

function segmentSquare(ax: number, ay: number, bx: number, by: number, x: number, y: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const part = length > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  const ex = ax + dx * part - x;
  const ey = ay + dy * part - y;
  return ex * ex + ey * ey;
}

/** -1 if neither end is inside the plot. */
function nearerEnd(px: Float32Array, py: Float32Array, a: number, b: number, x: number, y: number, plot: Rect): number {
  const squareAt = (i: number) => {
    const ix = px[i] ?? NaN;
    const iy = py[i] ?? NaN;
    return inside(ix, iy, plot) ? (ix - x) ** 2 + (iy - y) ** 2 : Infinity;
  };
  const first = squareAt(a);
  const second = squareAt(b);
  if (first === Infinity && second === Infinity) return -1;
  return second < first ? b : a;
}

export function inside(x: number, y: number, plot: Rect): boolean {
  return x >= plot.left - 1 && x <= plot.right + 1 && y >= plot.top - 1 && y <= plot.bottom + 1;
}

/** Index of the line's point with the nearest x; -1 for a line without points or one that does not reach x. */
export function indexAt(x: Float64Array, value: number, slack: number, sorted: boolean): number {
  const at = sorted ? nearestSorted(x, value) : nearestAny(x, value);
  if (at < 0) return -1;
  const beyond = value < (x[0] ?? NaN) - slack || value > (x[x.length - 1] ?? NaN) + slack;
  return sorted && beyond ? -1 : at;
}

function nearestSorted(x: Float64Array, value: number): number {
  if (x.length === 0) return -1;
  const right = Math.min(x.length - 1, lowerBound(x, value));
  const left = Math.max(0, right - 1);
  return value - (x[left] ?? NaN) < (x[right] ?? NaN) - value ? left : right;
}

function nearestAny(x: Float64Array, value: number): number {
  let best = -1;
  let distance = Infinity;
  for (let i = 0; i < x.length; i++) {
    const d = Math.abs((x[i] ?? NaN) - value);
    if (d < distance) {
      distance = d;
      best = i;
    }
  }
  return best;
}
