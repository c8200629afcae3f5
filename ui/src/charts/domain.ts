/** The extent of the axes: all finite values, or all except far outliers. */
import { isSorted, lowerBound, upperBound, windowOf } from './trace';
import type { Bounds, Range, ScaleKind } from './types';

export interface Values {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Extent of x over the lines; null if there is nothing to show. */
export function xExtent(lines: readonly { readonly x: Float64Array }[], scale: ScaleKind): Range | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { x } of lines) {
    for (const value of decisive(x, scale)) {
      if (!Number.isFinite(value) || (scale === 'log' && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/** The values that decide the extent: of sorted ones, the first and the last that the scale shows. */
function decisive(x: Float64Array, scale: ScaleKind): Float64Array {
  if (!isSorted(x)) return x;
  const first = upperBound(x, scale === 'log' ? 0 : -Infinity);
  const end = lowerBound(x, Infinity);
  return first < end ? Float64Array.of(x[first] ?? NaN, x[end - 1] ?? NaN) : new Float64Array();
}

/** Extent of the finite y whose x lies in the window. */
export function yExtent(
  lines: readonly Values[],
  window: Range,
  scale: ScaleKind,
  ignoreOutliers: boolean,
): Range | null {
  const fence = ignoreOutliers ? outlierFence(lines, window, scale) : null;
  const floor = fence ? fence[0] : -Infinity;
  const ceiling = fence ? fence[1] : Infinity;
  let low = Infinity;
  let high = -Infinity;
  visit(lines, window, (value) => {
    if (!Number.isFinite(value) || value < floor || value > ceiling || (scale === 'log' && value <= 0)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  });
  return low <= high ? [low, high] : null;
}

const SAMPLE = 20000;
const REACH = 5;
const KEPT = 0.2;

/**
 * Values outside are outliers: more than five interquartile ranges beyond the quartiles and among the outermost
 * fifth on their side. On a log scale all of it is measured in powers. Evenly spaced values stand for all when
 * there are very many.
 */
export function outlierFence(lines: readonly Values[], window: Range, scale: ScaleKind): Range | null {
  const sample = sampled(lines, window, scale).sort();
  if (sample.length < 8) return null;
  const at = (part: number) => sample[Math.round(part * (sample.length - 1))] ?? NaN;
  const reach = REACH * (at(0.75) - at(0.25));
  const fence: Range = [Math.min(at(0.25) - reach, at(KEPT)), Math.max(at(0.75) + reach, at(1 - KEPT))];
  return scale === 'log' ? [10 ** fence[0], 10 ** fence[1]] : fence;
}

function sampled(lines: readonly Values[], window: Range, scale: ScaleKind): Float64Array {
  const total = lines.reduce((sum, line) => sum + line.y.length, 0);
  const every = Math.max(1, Math.floor(total / SAMPLE));
  const kept = new Float64Array(Math.ceil(total / every));
  let count = 0;
  let seen = 0;
  visit(lines, window, (value) => {
    if (!Number.isFinite(value) || (scale === 'log' && value <= 0)) return;
    if (seen++ % every === 0) kept[count++] = scale === 'log' ? Math.log10(value) : value;
  });
  return kept.subarray(0, count);
}

function visit(lines: readonly Values[], window: Range, each: (value: number) => void): void {
  for (const { x, y } of lines) {
    const sorted = isSorted(x);
    const [from, to] = sorted ? windowOf(x, window, 0) : [0, x.length];
    for (let i = from; i < to; i++) {
      const place = x[i] ?? NaN;
      if (sorted || (place >= window[0] && place <= window[1])) each(y[i] ?? NaN);
    }
  }
}

/** Room around the data, and a width for an extent that has none. */
export function padded(extent: Range | null, scale: ScaleKind, part: number): Range {
  if (extent === null) return scale === 'log' ? [0.1, 10] : [0, 1];
  const [low, high] = extent;
  if (scale === 'log') return paddedLog(low, high, part);
  if (low === high) return widened(low);
  const room = (high - low) * part;
  return Number.isFinite(room) ? [low - room, high + room] : [low, high];
}

/** The domain with ends set by hand; invalid ends are ignored. */
export function bounded(domain: Range, bounds: Bounds | null | undefined, scale: ScaleKind): Range {
  const usable = (end: number | null | undefined): end is number =>
    typeof end === 'number' && Number.isFinite(end) && (scale === 'linear' || end > 0);
  const [low, high] = [bounds?.[0], bounds?.[1]];
  const wanted: Range = [usable(low) ? low : domain[0], usable(high) ? high : domain[1]];
  if (wanted[0] < wanted[1]) return wanted;
  if (usable(low) && usable(high)) return domain;
  return usable(low) ? [low, beyond(low, 1, scale)] : usable(high) ? [beyond(high, -1, scale), high] : domain;
}

function beyond(end: number, sign: 1 | -1, scale: ScaleKind): number {
  return scale === 'log' ? end * 10 ** sign : end + sign * Math.max(1, Math.abs(end));
}

function widened(value: number): Range {
  const room = Math.max(Math.abs(value) * 0.1, value === 0 ? 1 : Number.MIN_VALUE * 1e16);
  return [value - room, value + room];
}

function paddedLog(low: number, high: number, part: number): Range {
  if (low === high) return [low / 3, high * 3];
  const factor = (high / low) ** part;
  return [low / factor, high * factor];
}
