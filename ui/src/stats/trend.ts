/** Trends of scattered points: a straight line, and one that bends with them. */
import { finitePairs } from './pairs';
import { ascending, type Points } from './points';
import { meanOf } from './spread';

export type TrendKind = 'linear' | 'loess';

export interface Trend extends Points {
  /** Pearson's correlation, of a straight line; null of one that bends. */
  readonly r: number | null;
  /** Part of the variance of y that the trend explains; NaN where y does not vary. */
  readonly r2: number;
  readonly count: number;
}

export interface Regression {
  readonly slope: number;
  readonly intercept: number;
  readonly r: number;
  readonly r2: number;
  readonly count: number;
}

/** Least squares; null of fewer than two different x. */
export function linearRegression(x: ArrayLike<number>, y: ArrayLike<number>): Regression | null {
  const pairs = finitePairs(x, y);
  const count = pairs.x.length;
  const mx = meanOf(pairs.x);
  const my = meanOf(pairs.y);
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < count; i++) {
    const dx = (pairs.x[i] ?? NaN) - mx;
    const dy = (pairs.y[i] ?? NaN) - my;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  if (!(xx > 0)) return null;
  const slope = xy / xx;
  const r = yy > 0 ? xy / Math.sqrt(xx * yy) : NaN;
  return { slope, intercept: my - slope * mx, r, r2: r * r, count };
}

export const LOESS_BANDWIDTH = 0.66;
const MOST_FITTED = 200;
const LEAST_FITTED = 60;

/** null of fewer than two different x. */
export function trendOf(kind: TrendKind, x: ArrayLike<number>, y: ArrayLike<number>): Trend | null {
  const line = linearRegression(x, y);
  if (!line) return null;
  if (kind === 'loess' && line.count > 2) return loess(x, y, LOESS_BANDWIDTH);
  const { x: px } = ascending(finitePairs(x, y));
  const ends = Float64Array.of(px[0] ?? NaN, px[px.length - 1] ?? NaN);
  return { x: ends, y: ends.map((at) => line.intercept + line.slope * at), r: line.r, r2: line.r2, count: line.count };
}

/**
 * Local linear fits with tricube weights over the nearest `bandwidth` of the points (Cleveland 1979, without its
 * robust rounds). Fitted at each different x and, when these are few, between them; of very many at evenly spaced
 * ranks.
 */
export function loess(x: ArrayLike<number>, y: ArrayLike<number>, bandwidth: number): Trend {
  const pairs = ascending(finitePairs(x, y));
  const count = pairs.x.length;
  const near = Math.max(2, Math.min(count, Math.floor(bandwidth * count + 1e-10)));
  const at = fittedPlaces(pairs.x);
  const fitted = new Float64Array(at.length);
  let from = 0;
  for (let i = 0; i < at.length; i++) {
    const x = at[i] ?? NaN;
    while (from + near < count && x - (pairs.x[from] ?? NaN) > (pairs.x[from + near] ?? NaN) - x) from++;
    fitted[i] = localFit(pairs, from, from + near, x);
  }
  return { x: at, y: fitted, r: null, r2: explained(pairs, at, fitted), count };
}

function fittedPlaces(sorted: Float64Array): Float64Array {
  const different = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  if (different.length <= LEAST_FITTED) return withBetween(different);
  if (different.length <= MOST_FITTED) return different;
  const step = (different.length - 1) / (MOST_FITTED - 1);
  return Float64Array.from({ length: MOST_FITTED }, (_, i) => different[Math.round(i * step)] ?? NaN);
}

function localFit({ x, y }: Points, from: number, to: number, at: number): number {
  const reach = Math.max(at - (x[from] ?? NaN), (x[to - 1] ?? NaN) - at);
  let sum = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let i = from; i < to; i++) {
    const d = (x[i] ?? NaN) - at;
    const value = y[i] ?? NaN;
    const weight = reach > 0 ? tricube(d / reach) : 1;
    sum += weight;
    sx += weight * d;
    sy += weight * value;
    sxx += weight * d * d;
    sxy += weight * d * value;
  }
  const spread = sum * sxx - sx * sx;
  if (!(sum > 0)) return meanOf(y.subarray(from, to));
  return spread > 1e-12 * sum * sxx ? (sy * sxx - sx * sxy) / spread : sy / sum;
}

function withBetween(different: Float64Array): Float64Array {
  const low = different[0] ?? NaN;
  const high = different[different.length - 1] ?? NaN;
  const even = Array.from({ length: LEAST_FITTED }, (_, i) => low + ((high - low) * i) / (LEAST_FITTED - 1));
  return Float64Array.from(new Set([...different, ...even.slice(1, -1)])).sort();
}

function tricube(part: number): number {
  const size = Math.abs(part);
  const left = 1 - size * size * size;
  return left > 0 ? left * left * left : 0;
}

/** Against the fitted values, straight between the places they were fitted at. */
function explained({ x, y }: Points, at: Float64Array, fitted: Float64Array): number {
  const mean = meanOf(y);
  let left = 0;
  let whole = 0;
  for (let i = 0, k = 0; i < x.length; i++) {
    const value = y[i] ?? NaN;
    while (k + 2 < at.length && (at[k + 1] ?? NaN) < (x[i] ?? NaN)) k++;
    left += (value - fittedAt(at, fitted, k, x[i] ?? NaN)) ** 2;
    whole += (value - mean) ** 2;
  }
  return whole > 0 ? 1 - left / whole : NaN;
}

/** The fitted line at x, between its places k and k + 1. */
function fittedAt(at: Float64Array, fitted: Float64Array, k: number, x: number): number {
  const low = fitted[k] ?? NaN;
  const high = fitted[k + 1] ?? NaN;
  if (at.length < 2) return low;
  return low + (high - low) * ((x - (at[k] ?? NaN)) / ((at[k + 1] ?? NaN) - (at[k] ?? NaN)));
}
