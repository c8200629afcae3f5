/** Many lines as one: a line through their middle, an area of their spread, and how many of them count at each x. */
import { ascending, resample, unionOf, type Axis, type Points } from './points';
import { deviationOf, interquartileMeanOf, meanOf, medianOf } from './spread';
import { confidenceFactor } from './student';

export type LineMethod = 'mean' | 'median' | 'min' | 'max' | 'iqm';
export type AreaMethod = 'none' | 'minmax' | 'std' | 'stderr' | 'ci95';

export interface AggregateOptions {
  readonly line: LineMethod;
  readonly area: AreaMethod;
  readonly xScale?: Axis;
  readonly yScale?: Axis;
  /** Most places on x; give the width of the chart in pixels. */
  readonly most?: number;
  readonly window?: readonly [number, number] | null;
}

/** All of one length. Where no line has a value, `count` is 0 and the rest NaN. */
export interface Aggregate {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Bounds of the area; NaN where it is undefined, as the deviation of a single value is. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Lines that have a value at x. */
  readonly count: Float64Array;
  readonly min: Float64Array;
  readonly mean: Float64Array;
  readonly max: Float64Array;
}

const MOST = 2000;

/**
 * Each line takes part from its first point to its last, interpolated at the x of the others as the axes draw it. When
 * there are more x than `most`, a column of x counts a line by the mean of its points there and its least and
 * greatest value, so that no extreme is lost.
 */
export function aggregate(lines: readonly Points[], options: AggregateOptions): Aggregate {
  const { xScale = 'linear', yScale = 'linear', most = MOST, window = null } = options;
  const sorted = lines.map(ascending);
  const places = unionOf(sorted, { xScale, most: Math.max(2, Math.round(most)), window });
  const made = emptyAggregate(places.x);
  const size = places.x.length;
  const values = new Float64Array(size * lines.length);
  for (const line of sorted) gather(resample(line, places, xScale, yScale), made, values, lines.length);
  for (let place = 0; place < size; place++) {
    const start = place * lines.length;
    const here = values.subarray(start, start + made.count[place]!);
    made.mean[place] = meanOf(here);
    if (here.length === 0) made.min[place] = made.max[place] = NaN;
    made.y[place] = middle(options.line, here, made, place);
    [made.low[place], made.high[place]] = area(options.area, here, made, place);
  }
  return made;
}

function emptyAggregate(x: Float64Array): Aggregate {
  const blank = () => new Float64Array(x.length);
  const min = blank().fill(Infinity);
  const max = blank().fill(-Infinity);
  return { x, y: blank(), low: blank(), high: blank(), count: blank(), min, mean: blank(), max };
}

function gather(line: ReturnType<typeof resample>, made: Aggregate, values: Float64Array, room: number): void {
  const { low, high, mean } = line;
  for (let place = 0; place < mean.length; place++) {
    if (mean[place]! !== mean[place]!) continue;
    values[place * room + made.count[place]!++] = mean[place]!;
    if (low[place]! < made.min[place]!) made.min[place] = low[place]!;
    if (high[place]! > made.max[place]!) made.max[place] = high[place]!;
  }
}

function middle(method: LineMethod, values: Float64Array, { min, mean, max }: Aggregate, place: number): number {
  if (method === 'min') return min[place]!;
  if (method === 'max') return max[place]!;
  if (method === 'mean') return mean[place]!;
  const sorted = values.sort();
  return method === 'median' ? medianOf(sorted) : interquartileMeanOf(sorted);
}

function area(
  method: AreaMethod,
  values: Float64Array,
  { min, mean, max }: Aggregate,
  place: number,
): readonly [number, number] {
  if (method === 'none') return [NaN, NaN];
  if (method === 'minmax') return [min[place]!, max[place]!];
  const centre = mean[place]!;
  const reach = deviationOf(values, centre) * reachOf(method, values.length);
  return [centre - reach, centre + reach];
}

function reachOf(method: 'std' | 'stderr' | 'ci95', n: number): number {
  if (method === 'std') return 1;
  return (method === 'stderr' ? 1 : confidenceFactor(n)) / Math.sqrt(n);
}
