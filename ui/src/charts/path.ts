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
    if (px[i]! !== px[i]! || py[i]! !== py[i]!) {
      i++;
      continue;
    }
    pen.moveTo(px[i]!, py[i]!);
    i = traceRun(pen, px, py, i, column);
  }
}

/** Follows the line from `start` to its next break; returns the index of the break. */
function traceRun(pen: PathPen, px: Float32Array, py: Float32Array, start: number, column: number): number {
  const n = px.length;
  let first = start;
  while (first < n) {
    const cell = Math.floor(px[first]! / column);
    let low = first;
    let high = first;
    let i = first + 1;
    while (i < n && Math.floor(px[i]! / column) === cell && py[i]! === py[i]!) {
      if (py[i]! < py[low]!) low = i;
      if (py[i]! > py[high]!) high = i;
      i++;
    }
    if (first !== start) pen.lineTo(px[first]!, py[first]!);
    const last = i - 1;
    const a = Math.min(low, high);
    const b = Math.max(low, high);
    if (a > first && a < last) pen.lineTo(px[a]!, py[a]!);
    if (b > first && b < last && b !== a) pen.lineTo(px[b]!, py[b]!);
    if (last > first) pen.lineTo(px[last]!, py[last]!);
    if (i >= n || px[i]! !== px[i]! || py[i]! !== py[i]!) return i;
    first = i;
  }
  return n;
}

/** Points that stand alone between breaks, which a path cannot show. */
export function lonePoints(px: Float32Array, py: Float32Array): number[] {
  const alone: number[] = [];
  const drawn = (i: number) => i >= 0 && i < px.length && px[i]! === px[i]! && py[i]! === py[i]!;
  for (let i = 0; i < px.length; i++) {
    if (drawn(i) && !drawn(i - 1) && !drawn(i + 1)) alone.push(i);
  }
  return alone;
}
