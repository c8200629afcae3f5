/** Where parts of many lines lie below and above, along x. */
import type { Trace } from '../trace';
import type { Pixels } from '../scales';
import type { Grid } from './counts';

/** Pixels between two places at which the lines are compared. */
const STRIDE = 12;
/** Fewer lines than this have no quantiles. */
const FEWEST = 5;

/**
 * One path for each part: at each of its places, that part of the lines there lies below it. A line that has ended, or
 * has a gap there, does not count. Lines whose x turns back are left out.
 */
export function quantiles(traces: readonly Trace[], grid: Grid, parts: readonly number[]): Pixels[] {
  const { columns, rows, left, top, wide, high } = grid;
  const places = Math.floor((columns * wide) / STRIDE) + 1;
  /** For each place the number of lines above the plot, in each row, and below the plot. */
  const levels = rows + 2;
  const counts = new Uint32Array(places * levels);
  for (const trace of traces) {
    if (!trace.sorted) continue;
    eachPlace(trace, left, places, (place, y) => {
      const row = (y - top) / high;
      const level = row < 0 ? 0 : row >= rows ? rows + 1 : Math.floor(row) + 1;
      counts[place * levels + level] = (counts[place * levels + level] ?? 0) + 1;
    });
  }
  const px = Float32Array.from({ length: places }, (_, place) => left + place * STRIDE);
  return parts.map((part) => ({
    px,
    py: Float32Array.from({ length: places }, (_, place) => {
      const level = levelOf(counts.subarray(place * levels, (place + 1) * levels), 1 - part);
      return level < 0 ? NaN : top + (level - 0.5) * high;
    }),
  }));
}

/** The height of the line at each place that it reaches. */
function eachPlace({ px, py }: Trace, left: number, places: number, each: (place: number, y: number) => void): void {
  for (let i = 1; i < px.length; i++) {
    const x0 = px[i - 1] ?? NaN;
    const x1 = px[i] ?? NaN;
    const y0 = py[i - 1] ?? NaN;
    const slope = ((py[i] ?? NaN) - y0) / (x1 - x0);
    if (!Number.isFinite(slope)) continue;
    const first = Math.max(0, Math.ceil((x0 - left) / STRIDE));
    const last = i === px.length - 1 ? Math.floor((x1 - left) / STRIDE) : Math.ceil((x1 - left) / STRIDE) - 1;
    for (let place = first; place <= last && place < places; place++) {
      each(place, y0 + slope * (left + place * STRIDE - x0));
    }
  }
}

/** The level up to which the part of the lines lies, from above; -1 if there are too few. */
function levelOf(counts: Uint32Array, part: number): number {
  let total = 0;
  for (const count of counts) total += count;
  if (total < FEWEST) return -1;
  let seen = 0;
  for (let level = 0; level < counts.length; level++) {
    seen += counts[level] ?? 0;
    if (seen >= part * total && seen > 0) return level;
  }
  return counts.length - 1;
}
