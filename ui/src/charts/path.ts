/**
 * The path of one line. Of several points in one pixel column, only the first, lowest, highest and last are drawn, in
 * their order. The result looks the same as with all points (M4, Jugel et al. 2014), and no spike is lost.
 */

export interface PathPen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** Draws finite runs of points; a value that is not finite breaks the line. `column` is the width of a device pixel. */
export function tracePath(pen: PathPen, px: Float32Array, py: Float32Array, column: number): void {
  const n = px.length;
  let i = 0;
  while (i < n) {
    const x = px[i] ?? NaN;
    const y = py[i] ?? NaN;
    if (x !== x || y !== y) {
      i++;
      continue;
    }
    pen.moveTo(x, y);
    i = traceRun(pen, px, py, i, column);
  }
}

/** Follows the line from `start` to its next break; returns the index of the break. */
function traceRun(pen: PathPen, px: Float32Array, py: Float32Array, start: number, column: number): number {
  const n = px.length;
  let first = start;
  while (first < n) {
    const cell = Math.floor((px[first] ?? NaN) / column);
    let low = first;
    let high = first;
    let least = py[first] ?? NaN;
    let most = least;
    let i = first + 1;
    for (; i < n && Math.floor((px[i] ?? NaN) / column) === cell; i++) {
      const y = py[i] ?? NaN;
      if (y !== y) break;
      if (y < least) {
        least = y;
        low = i;
      }
      if (y > most) {
        most = y;
        high = i;
      }
    }
    if (first !== start) lineTo(pen, px, py, first);
    const last = i - 1;
    const a = Math.min(low, high);
    const b = Math.max(low, high);
    if (a > first && a < last) lineTo(pen, px, py, a);
    if (b > first && b < last && b !== a) lineTo(pen, px, py, b);
    if (last > first) lineTo(pen, px, py, last);
    if (i >= n || px[i] !== px[i] || py[i] !== py[i]) return i;
    first = i;
  }
  return n;
}

function lineTo(pen: PathPen, px: Float32Array, py: Float32Array, at: number): void {
  pen.lineTo(px[at] ?? NaN, py[at] ?? NaN);
}

/** Points that stand alone between breaks, which a path cannot show. */
export function lonePoints(px: Float32Array, py: Float32Array): number[] {
  const alone: number[] = [];
  const drawn = (i: number) => i >= 0 && i < px.length && px[i] === px[i] && py[i] === py[i];
  for (let i = 0; i < px.length; i++) {
    if (drawn(i) && !drawn(i - 1) && !drawn(i + 1)) alone.push(i);
  }
  return alone;
}
