/** Many lines as one: a line through their middle, an area of their spread, and how many of them count at each x. */
import { endingOf, type Ending } from './endings';
import { ascending, resample, unionOf, type Axis, type Places, type Points, type Resampled } from './points';
import { interquartileMeanOf, medianOf } from './spread';
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
  /** Bounds of the area of the lines that do not diverge; NaN where it is undefined, as the deviation of a single value is. */
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
 * there are far more x than `most`, a column of x counts a line by its value at an x that lines share, which is exact
 * where a mean would be that of the kept points of a sampled line, and by the min and max of its points there, so that no
 * extreme is lost. Where a line diverges there is its value instead, which breaks the line of the group.
 */
export function aggregate(lines: readonly Points[], options: AggregateOptions): Aggregate {
  const { xScale = 'linear', most = MOST, window = null } = options;
  const sorted = lines.map(ascending);
  const places = unionOf(sorted, { xScale, most: Math.max(2, Math.round(most)), window });
  const made = reduced(sorted, places, options);
  const endings = sorted.map(endingOf);
  const steady = sorted.filter((_, at) => endings[at] === null && !lines[at]?.diverged);
  // A line that climbs to infinity, or that fell when the loss did so, would make the area as high as the chart.
  if (options.area !== 'none' && steady.length < sorted.length) {
    const { low, high } = reduced(steady, places, options);
    made.low.set(low);
    made.high.set(high);
  }
  for (const ending of endings) breakAt(ending, made, places);
  return made;
}

function reduced(sorted: readonly Points[], places: Places, options: AggregateOptions): Aggregate {
  const { xScale = 'linear', yScale = 'linear' } = options;
  const made = emptyAggregate(places.x);
  const ranked = options.line === 'median' || options.line === 'iqm';
  const values = new Float64Array(ranked ? places.x.length * sorted.length : 0);
  const squares = new Float64Array(places.x.length);
  for (const line of sorted) {
    const resampled = resample(line, places, xScale, yScale);
    if (ranked) keep(resampled, made.count, values, sorted.length);
    gather(resampled, made, squares);
  }
  for (let place = 0; place < places.x.length; place++) {
    const start = place * sorted.length;
    if (made.count[place] === 0) made.min[place] = made.max[place] = made.mean[place] = NaN;
    made.y[place] = middle(options.line, values.subarray(start, start + (made.count[place] ?? NaN)), made, place);
    [made.low[place], made.high[place]] = area(options.area, squares[place] ?? NaN, made, place);
  }
  return made;
}

function breakAt(ending: Ending | null, { y, low, high }: Aggregate, { from, to }: Places): void {
  const place = ending ? to.findIndex((end) => end >= ending.x) : -1;
  if (ending && place >= 0 && ending.x >= (from[place] ?? Infinity))
    [y[place], low[place], high[place]] = [ending.value, NaN, NaN];
}

function emptyAggregate(x: Float64Array): Aggregate {
  const blank = () => new Float64Array(x.length);
  const min = blank().fill(Infinity);
  const max = blank().fill(-Infinity);
  return { x, y: blank(), low: blank(), high: blank(), count: blank(), min, mean: blank(), max };
}

/** Sums up as it goes (Welford 1962): `squares` become the squared distances from the mean. */
function gather({ low, high, value: own }: Resampled, made: Aggregate, squares: Float64Array): void {
  for (let place = 0; place < own.length; place++) {
    const value = own[place] ?? NaN;
    if (value !== value) continue;
    const count = (made.count[place] ?? NaN) + 1;
    const before = made.mean[place] ?? NaN;
    const after = before + (value - before) / count;
    made.count[place] = count;
    made.mean[place] = after;
    squares[place] = (squares[place] ?? NaN) + (value - before) * (value - after);
    const least = low[place] ?? NaN;
    const most = high[place] ?? NaN;
    if (least < (made.min[place] ?? NaN)) made.min[place] = least;
    if (most > (made.max[place] ?? NaN)) made.max[place] = most;
  }
}

/** Puts the values of a place side by side, where they can be ranked. */
function keep({ value: own }: Resampled, counts: Float64Array, values: Float64Array, room: number): void {
  for (let place = 0; place < own.length; place++) {
    const value = own[place] ?? NaN;
    if (value === value) values[place * room + (counts[place] ?? NaN)] = value;
  }
}

function middle(method: LineMethod, values: Float64Array, { min, mean, max }: Aggregate, place: number): number {
  if (method === 'min') return min[place] ?? NaN;
  if (method === 'max') return max[place] ?? NaN;
  if (method === 'mean') return mean[place] ?? NaN;
  const sorted = values.sort();
  return method === 'median' ? medianOf(sorted) : interquartileMeanOf(sorted);
}

function area(
  method: AreaMethod,
  squares: number,
  { min, mean, max, count }: Aggregate,
  place: number,
): readonly [number, number] {
  if (method === 'none') return [NaN, NaN];
  if (method === 'minmax') return [min[place] ?? NaN, max[place] ?? NaN];
  const n = count[place] ?? NaN;
  const deviation = n < 2 ? NaN : Math.sqrt(squares / (n - 1));
  const reach = deviation * reachOf(method, n);
  const center = mean[place] ?? NaN;
  return [center - reach, center + reach];
}

function reachOf(method: 'std' | 'stderr' | 'ci95', n: number): number {
  if (method === 'std') return 1;
  return (method === 'stderr' ? 1 : confidenceFactor(n)) / Math.sqrt(n);
}
