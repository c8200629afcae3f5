/**
 * Series in which many steps have several values, which stand above each other: their steps began again within the run,
 * or were tracked several times. Points come sorted by step, so that the order of recording is not known here.
 */
import type { Series } from '../data/result';

/** As many points show whether steps repeat. */
const LOOKED_AT = 2_000;
/** A step that was tracked twice now and then does not count. */
const SHARE = 0.1;

export const withSharedSteps = (items: readonly Series[]): readonly Series[] => items.filter(({ x }) => repeats(x));

function repeats(x: Float64Array): boolean {
  const end = Math.min(x.length, LOOKED_AT);
  let same = 0;
  for (let i = 1; i < end; i++) if (x[i] === x[i - 1]) same++;
  return same > 1 && same >= end * SHARE;
}
