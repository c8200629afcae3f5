/** Pairs of numbers, of which only those with two finite values count. */
import type { Points } from './points';

export function finitePairs(x: ArrayLike<number>, y: ArrayLike<number>): Points {
  const kept = Array.from(x, (_, i) => i).filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
  return { x: Float64Array.from(kept, (i) => x[i] ?? NaN), y: Float64Array.from(kept, (i) => y[i] ?? NaN) };
}
