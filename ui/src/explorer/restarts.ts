/** Series whose steps began again within the run: the points of each step then stand above each other. */
import type { Series } from '../data/result';

/** As many points show whether steps repeat. */
const LOOKED_AT = 2_000;
/** A point that was tracked twice now and then is no restart. */
const SHARE = 0.1;

export const restarting = (items: readonly Series[]): readonly Series[] => items.filter(({ x }) => repeats(x));

function repeats(x: Float64Array): boolean {
  const end = Math.min(x.length, LOOKED_AT);
  let same = 0;
  for (let i = 1; i < end; i++) if (x[i] === x[i - 1]) same++;
  return same > 1 && same >= end * SHARE;
}
