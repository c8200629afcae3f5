/** Numbers about histograms: their range, the density of each bin, and quantiles. */
import type { Range } from '../types';
import type { HistogramArrays } from './types';

export const totalOf = ({ counts }: HistogramArrays): number => counts.reduce((sum, count) => sum + count, 0);

/** From the first to the last non-empty bin, with some room around a single value. Null if all bins are empty. */
export function extentOf(histograms: readonly HistogramArrays[]): Range | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { edges, counts } of histograms) {
    for (let i = 0; i < counts.length; i++) {
      if (!((counts[i] ?? NaN) > 0)) continue;
      low = Math.min(low, edges[i] ?? NaN);
      high = Math.max(high, edges[i + 1] ?? NaN);
    }
  }
  if (low > high) return null;
  if (low < high) return [low, high];
  const around = Math.abs(low) * 0.05 || 0.5;
  return [low - around, high + around];
}

/** The density of each bin relative to the densest one, 0 to 1. A bin without width is the densest. */
export function densities({ edges, counts }: HistogramArrays): Float64Array {
  const dense = counts.map((count, i) => {
    const width = (edges[i + 1] ?? NaN) - (edges[i] ?? NaN);
    return width > 0 ? count / width : count > 0 ? Infinity : 0;
  });
  const most = dense.reduce((a, b) => Math.max(a, b), 0);
  return dense.map((value) => (most === 0 ? 0 : most === Infinity ? Number(value === Infinity) : value / most));
}

/** The quantile of a share of the samples, assuming an even spread within bins. NaN without samples. */
export function quantile(histogram: HistogramArrays, share: number): number {
  const { edges, counts } = histogram;
  const wanted = totalOf(histogram) * share;
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? NaN;
    if (count > 0 && below + count >= wanted) {
      const low = edges[i] ?? NaN;
      const high = edges[i + 1] ?? NaN;
      return low + (high - low) * Math.max(0, Math.min(1, (wanted - below) / count));
    }
    below += count;
  }
  return NaN;
}

/** The left and right end of each column: halfway to its neighbors, and as far on the outer sides. */
export function columnEdges(places: Float64Array, low: number, high: number): Float64Array {
  const edges = new Float64Array(places.length + 1);
  edges[0] = low;
  edges[places.length] = high;
  for (let i = 1; i < places.length; i++) edges[i] = ((places[i - 1] ?? NaN) + (places[i] ?? NaN)) / 2;
  return edges;
}

/** The index of the nearest one. */
export function nearestIndex(places: Float64Array, at: number): number {
  let best = 0;
  let least = Infinity;
  for (const [i, place] of places.entries()) {
    const distance = Math.abs(place - at);
    if (!(distance < least)) continue;
    least = distance;
    best = i;
  }
  return best;
}
