/** How far two columns of numbers go together, from -1 to 1; NaN where one of them does not vary. */
import { finitePairs } from './pairs';
import { meanOf } from './spread';

export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { x, y } = finitePairs(a, b);
  const mx = meanOf(x);
  const my = meanOf(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    xx += (x[i]! - mx) ** 2;
    yy += (y[i]! - my) ** 2;
    xy += (x[i]! - mx) * (y[i]! - my);
  }
  if (!(xx > 0 && yy > 0)) return NaN;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx) / Math.sqrt(yy)));
}

/** Pearson's of the ranks: whether one rises with the other, however crookedly. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { x, y } = finitePairs(a, b);
  return pearson(ranks(x), ranks(y));
}

/** From 1; equal values share the mean of their ranks. */
export function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const out = new Float64Array(values.length);
  for (let i = 0; i < order.length;) {
    let end = i;
    while (end < order.length && values[order[end]!]! === values[order[i]!]!) end++;
    for (let k = i; k < end; k++) out[order[k]!] = (i + end + 1) / 2;
    i = end;
  }
  return out;
}
