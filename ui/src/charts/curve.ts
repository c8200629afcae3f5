/** A curve through points that never overshoots: it rises only where they rise (Fritsch and Carlson 1980). */
import type { Pixels } from './scales';

/** The distance in pixels between the corners of a drawn curve; closer points need no curve. */
const CORNER = 4;
const CLOSE = 3;
const MOST_CORNERS = 64;

export function curveThrough(points: Pixels): Pixels {
  const { px, py } = points;
  const last = px.length - 1;
  if (last < 2 || ((px[last] ?? NaN) - (px[0] ?? NaN)) / last < CLOSE) return points;
  const slopes = slopesOf(px, py);
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < last; i++) {
    const x = px[i] ?? NaN;
    const y = py[i] ?? NaN;
    const next = py[i + 1] ?? NaN;
    xs.push(x);
    ys.push(y);
    const width = (px[i + 1] ?? NaN) - x;
    const corners = Math.min(MOST_CORNERS, Math.ceil(width / CORNER));
    if (!(width > 0) || y !== y || next !== next) continue;
    const leaving = (slopes[i] ?? NaN) * width;
    const arriving = (slopes[i + 1] ?? NaN) * width;
    for (let k = 1; k < corners; k++) {
      const t = k / corners;
      xs.push(x + width * t);
      ys.push(hermite(y, next, leaving, arriving, t));
    }
  }
  xs.push(px[last] ?? NaN);
  ys.push(py[last] ?? NaN);
  return { px: Float32Array.from(xs), py: Float32Array.from(ys) };
}

function hermite(a: number, b: number, da: number, db: number, t: number): number {
  const u = 1 - t;
  return a * u * u * (1 + 2 * t) + da * t * u * u + b * t * t * (3 - 2 * t) - db * t * t * u;
}

/** Tangents at the points, flat at their peaks. */
function slopesOf(px: Float32Array, py: Float32Array): Float64Array {
  const n = px.length;
  const width = (i: number) => (px[i + 1] ?? NaN) - (px[i] ?? NaN);
  const secant = (i: number) => (i < 0 || i >= n - 1 ? NaN : ((py[i + 1] ?? NaN) - (py[i] ?? NaN)) / width(i));
  const slopes = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const before = secant(i - 1);
    const after = secant(i);
    if (!Number.isFinite(before)) slopes[i] = Number.isFinite(after) ? after : 0;
    else if (!Number.isFinite(after)) slopes[i] = before;
    else if (before * after > 0) slopes[i] = weighted(before, after, width(i - 1), width(i));
  }
  return slopes;
}

/** Harmonic mean of the slopes on both sides, which stays within three times the smaller one. */
function weighted(before: number, after: number, left: number, right: number): number {
  const a = 2 * right + left;
  const b = right + 2 * left;
  return (a + b) / (a / before + b / after);
}
