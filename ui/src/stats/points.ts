/** Lines as numbers, and the places at which several of them can be compared. */

export type Axis = 'linear' | 'log';

export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Of a run that diverged, in this metric or another one. */
  readonly diverged?: boolean;
}

/** Places on x at which lines meet: single values, or columns of them when there are too many. */
export interface Places {
  /** Where each place is drawn, ascending. */
  readonly x: Float64Array;
  /** The place i holds the x in [from[i], to[i]]. */
  readonly from: Float64Array;
  readonly to: Float64Array;
}

export interface PlacesOptions {
  readonly xScale: Axis;
  /** More different x than four times this, or than many lines can have, become so many columns of equal width on the axis. */
  readonly most: number;
  /** Only this stretch of x; its edges are places too. */
  readonly window?: readonly [number, number] | null;
}

/** The line in ascending x, without points that have no place on x. */
export function ascending({ x, y }: Points): Points {
  let sorted = true;
  let before = -Infinity;
  for (let i = 0; i < x.length && sorted; i++) {
    const value = x[i] ?? NaN;
    sorted = value > -Infinity && value < Infinity && value >= before;
    before = value;
  }
  if (sorted) return { x, y };
  const order = Array.from(x.keys())
    .filter((i) => Number.isFinite(x[i]))
    .sort((a, b) => (x[a] ?? NaN) - (x[b] ?? NaN) || a - b);
  return { x: Float64Array.from(order, (i) => x[i] ?? NaN), y: Float64Array.from(order, (i) => y[i] ?? NaN) };
}

/** So many points of a column of pixels draw a line as all of them do, so lines with fewer have all their points. */
const DRAWN = 4;
/** Values at places, of all lines together, which are computed in an instant. */
const INSTANT = 4_000_000;

/** The union of the x of ascending lines, in bounds. */
export function unionOf(lines: readonly Points[], { xScale, most, window }: PlacesOptions): Places {
  const low = Math.max(window?.[0] ?? -Infinity, xScale === 'log' ? Number.MIN_VALUE : -Infinity);
  const high = window?.[1] ?? Infinity;
  const single = Math.max(most, Math.min(DRAWN * most, INSTANT / lines.length));
  const values = new Set<number>(window ? [low, high] : []);
  const span: [number, number] = [Infinity, -Infinity];
  for (const { x } of withoutTwins(lines)) {
    for (const value of x) {
      if (value < low || value > high) continue;
      if (value < span[0]) span[0] = value;
      if (value > span[1]) span[1] = value;
      if (values.size <= single) values.add(value);
    }
  }
  if (values.size > single && span[0] < span[1])
    return withSharedX(columns(window ? [low, high] : span, most, xScale), lines);
  const x = Float64Array.from(values).sort();
  return { x, from: x, to: x };
}

/** Lines whose x are not, value by value, those of the first: runs of one script mostly are. */
function withoutTwins(lines: readonly Points[]): Points[] {
  const [first, ...others] = lines;
  if (!first) return [];
  const differs = ({ x }: Points) => x.length !== first.x.length || x.some((value, k) => value !== first.x[k]);
  return [first, ...others.filter(differs)];
}

function columns([low, high]: readonly [number, number], count: number, scale: Axis): Places {
  const log = scale === 'log';
  const a = log ? Math.log(low) : low;
  const b = log ? Math.log(high) : high;
  const at = (part: number) => (log ? Math.exp(a + (b - a) * part) : a + (b - a) * part);
  const edges = Float64Array.from({ length: count + 1 }, (_, i) => at(i / count));
  edges[0] = low;
  edges[count] = high;
  const x = Float64Array.from({ length: count }, (_, i) => at((i + 0.5) / count));
  x[0] = low;
  x[count - 1] = high;
  return { x, from: edges.slice(0, count), to: edges.slice(1) };
}

const COMPARED = 8;

/**
 * The columns but the outer ones are drawn at the first x in them at which most of these lines have a point, and those
 * without one are left out, because what lines pass between kept points is not exact.
 */
function withSharedX({ x: centers, from, to }: Places, lines: readonly Points[]): Places {
  const count = new Map<number, number>();
  for (const { x } of lines.slice(0, COMPARED)) for (const at of x) count.set(at, (count.get(at) ?? 0) + 1);
  const x = centers.slice();
  const most = new Float64Array(x.length);
  const meet = (ascending: Float64Array, linesAt: (at: number) => number): void => {
    let place = 0;
    for (const at of ascending) {
      while (place < x.length - 1 && at >= (to[place] ?? NaN)) place++;
      const outer = place === 0 || place === x.length - 1;
      const there = linesAt(at);
      if (outer || at < (from[place] ?? NaN) || there <= (most[place] ?? NaN)) continue;
      most[place] = there;
      x[place] = at;
    }
  };
  meet(Float64Array.from(count.keys()).sort(), (at) => count.get(at) ?? 0);
  // Where those have no point, or have ended, the others may have some.
  if (most.subarray(1, -1).includes(0)) for (const line of lines.slice(COMPARED)) meet(line.x, () => 1);
  const met = (_: number, at: number): boolean => at === 0 || at === x.length - 1 || (most[at] ?? 0) > 0;
  return { x: x.filter(met), from: from.filter(met), to: to.filter(met) };
}

/** What one line says at each place: its value at the very x of the place, and the extent of it and of the points there. */
export interface Resampled {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** NaN where the line has not begun, has ended, or is broken by a value that is not finite. */
  readonly value: Float64Array;
}

/** A line that begins, ends or breaks in a place, not at its x, counts with the mean of its points there. */
export function resample(line: Points, places: Places, xScale: Axis, yScale: Axis): Resampled {
  const { x, y } = line;
  const count = places.x.length;
  const low = new Float64Array(count);
  const high = new Float64Array(count);
  const value = new Float64Array(count);
  let next = 0;
  for (let place = 0; place < count; place++) {
    while (next < x.length && (x[next] ?? NaN) < (places.from[place] ?? NaN)) next++;
    const first = next;
    let sum = 0;
    let finite = 0;
    let least = Infinity;
    let most = -Infinity;
    const last = place === count - 1;
    for (; next < x.length && inPlace(x[next] ?? NaN, places, place, last); next++) {
      const own = y[next] ?? NaN;
      if (!Number.isFinite(own)) continue;
      sum += own;
      finite++;
      if (own < least) least = own;
      if (own > most) most = own;
    }
    const at = places.x[place] ?? NaN;
    const passed = next > first ? NaN : between(line, next, at, xScale, yScale);
    const met = finite > 0 ? valueAt(line, first, next, at, xScale, yScale) : NaN;
    const said = Number.isFinite(met) ? met : finite ? sum / finite : passed;
    value[place] = said;
    low[place] = finite ? Math.min(least, said) : said;
    high[place] = finite ? Math.max(most, said) : said;
  }
  return { low, high, value };
}

/** Among the points from `first` to before `end`: the mean of those at `at`, else what the segment around it passes. */
function valueAt(line: Points, first: number, end: number, at: number, xScale: Axis, yScale: Axis): number {
  const { x, y } = line;
  let next = first;
  while (next < end && (x[next] ?? NaN) < at) next++;
  if (x[next] !== at) return between(line, next, at, xScale, yScale);
  let [sum, finite] = [0, 0];
  for (; next < end && x[next] === at; next++) {
    const own = y[next] ?? NaN;
    if (!Number.isFinite(own)) continue;
    sum += own;
    finite++;
  }
  return sum / finite;
}

/** A column ends before the next begins, a single value holds itself. */
function inPlace(value: number, { from, to }: Places, place: number, last: boolean): boolean {
  const end = to[place] ?? NaN;
  return last || from[place] === end ? value <= end : value < end;
}

/** The line at `at` between its points next - 1 and next, straight on the given axes. */
function between({ x, y }: Points, next: number, at: number, xScale: Axis, yScale: Axis): number {
  if (next === 0 || next >= x.length) return NaN;
  const x0 = x[next - 1] ?? NaN;
  const x1 = x[next] ?? NaN;
  const y0 = y[next - 1] ?? NaN;
  const y1 = y[next] ?? NaN;
  if (!Number.isFinite(y0) || !Number.isFinite(y1)) return NaN;
  const part = xScale === 'log' && x0 > 0 ? Math.log(at / x0) / Math.log(x1 / x0) : (at - x0) / (x1 - x0);
  return yScale === 'log' && y0 > 0 && y1 > 0 ? y0 * (y1 / y0) ** part : y0 + (y1 - y0) * part;
}
