/** Where lines diverge: from there on, their values are NaN or infinite. */
import type { Points } from './points';

export interface Ending {
  readonly x: number;
  /** The first of these values. */
  readonly value: number;
}

/** null: the last value is a number, or none is. */
export function endingOf({ x, y }: Points): Ending | null {
  const at = y.findLastIndex(Number.isFinite) + 1;
  return at > 0 && at < y.length ? { x: x[at] ?? NaN, value: y[at] ?? NaN } : null;
}

/** Where a line diverges; a line without any number does so at its first point. NaN: nowhere. */
function divergesAt(line: Points): number {
  const ending = endingOf(line);
  if (ending) return ending.x;
  return line.y.some(Number.isFinite) ? NaN : (line.x[0] ?? NaN);
}

/** How many lines have diverged at `x` or before. */
export const divergedBy = (lines: readonly Points[], x = Infinity): number =>
  lines.reduce((count, line) => count + (divergesAt(line) <= x ? 1 : 0), 0);
