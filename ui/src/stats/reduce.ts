/** One number of a series, for a table cell. */
import type { Points } from './points';

export type Reducer = 'last' | 'min' | 'max' | 'mean' | 'first';

/** Values that are not finite take no part in min, max and mean; first and last are what was recorded. */
export function reduce(y: Float64Array, reducer: Reducer): number {
  if (reducer === 'first') return y[0] ?? NaN;
  if (reducer === 'last') return y[y.length - 1] ?? NaN;
  let sum = 0;
  let count = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!;
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (count === 0) return NaN;
  return { min: low, max: high, mean: sum / count }[reducer];
}

/** Index of the least or greatest finite value, the first of equals; -1 when there is none. */
export function bestIndex(y: Float64Array, goal: 'min' | 'max'): number {
  let best = -1;
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i]!)) continue;
    if (best < 0 || (goal === 'min' ? y[i]! < y[best]! : y[i]! > y[best]!)) best = i;
  }
  return best;
}

/**
 * The value of a series where another one of its run is best: at the same x, else the latest before it. NaN when the
 * series had not begun.
 */
export function atBestOf(series: Points, other: Points, goal: 'min' | 'max'): number {
  const best = bestIndex(other.y, goal);
  if (best < 0) return NaN;
  const at = other.x[best]!;
  let found = -1;
  for (let i = 0; i < series.x.length; i++) {
    if (series.x[i]! <= at && (found < 0 || series.x[i]! >= series.x[found]!)) found = i;
  }
  return found < 0 ? NaN : series.y[found]!;
}
