/** Pairs of numbers, of which only those with two finite values count. */
import type { Points } from './points';

export function finitePairs(x: ArrayLike<number>, y: ArrayLike<number>): Points {
  const kept: number[] = [];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (Number.isFinite(x[i]!) && Number.isFinite(y[i]!)) kept.push(i);
  }
  return { x: Float64Array.from(kept, (i) => x[i]!), y: Float64Array.from(kept, (i) => y[i]!) };
}
