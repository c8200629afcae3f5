/** Curves as their difference to the baseline, at the places on the x axis where both have a value. */
import type { Series } from '../../data/result';
import type { Problem } from '../../wire';
import type { WallCurves } from '../home/wallCurves';

/** The value between the two points around a place; NaN beyond the ends. `x` ascends; of equal places, the last one counts. */
export function valueAt(x: ArrayLike<number>, y: ArrayLike<number>, place: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? NaN) <= place) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [x[low - 1], x[low]];
  if (before === undefined) return NaN;
  const from = y[low - 1] ?? NaN;
  if (before === place) return from;
  if (after === undefined) return NaN;
  const to = y[low] ?? NaN;
  return from + ((to - from) * (place - before)) / (after - before);
}

/** The points of a line minus the baseline's; those where the baseline has no value are left out, not those where either is NaN. */
export function differenceTo(base: Series, item: Series): Series {
  const [first, last] = [base.x[0] ?? NaN, base.x[base.x.length - 1] ?? NaN];
  const shared = [...item.x.keys()].filter((at) => (item.x[at] ?? NaN) >= first && (item.x[at] ?? NaN) <= last);
  const minus = (own: Float64Array, theirs: Float64Array): Float64Array =>
    Float64Array.from(shared, (at) => (own[at] ?? NaN) - valueAt(base.x, theirs, item.x[at] ?? NaN));
  return {
    ...item,
    x: Float64Array.from(shared, (at) => item.x[at] ?? NaN),
    y: minus(item.y, base.y),
    steps: item.steps.filter((_, at) => (item.x[at] ?? NaN) >= first && (item.x[at] ?? NaN) <= last),
    ...(item.smoothed && { smoothed: minus(item.smoothed, base.smoothed ?? base.y) }),
  };
}

/** The lines of one chart; those in a context that the baseline has not recorded are left out. */
export function differences(series: readonly Series[], baseline: string): readonly Series[] {
  const bases = new Map(series.filter(({ run }) => run.id === baseline).map((item) => [item.contextText, item]));
  return series.flatMap((item) => {
    const base = bases.get(item.contextText);
    return base ? [differenceTo(base, item)] : [];
  });
}

type CurveSource = Pick<WallCurves, 'subscribe' | 'of' | 'problemOf' | 'byKey'>;

/** The same curves as differences to the baseline. */
export function asDifferences(curves: WallCurves, baseline: string): CurveSource {
  const made = new WeakMap<readonly Series[], readonly Series[]>();
  const of = (name: string): readonly Series[] | undefined => {
    const series = curves.of(name);
    if (!series) return undefined;
    const known = made.get(series) ?? differences(series, baseline);
    made.set(series, known);
    return known;
  };
  const problemOf = (name: string): Problem | undefined =>
    curves.problemOf(name) ?? (of(name)?.length === 0 ? NO_BASELINE : undefined);
  return { subscribe: curves.subscribe, of, problemOf, byKey: curves.byKey };
}

const NO_BASELINE: Problem = {
  message: 'The baseline has not recorded this metric.',
  hint: 'Choose another baseline.',
  start: null,
  end: null,
};
