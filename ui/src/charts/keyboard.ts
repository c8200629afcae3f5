/** Moves between the points of a chart by key: along a line, and from line to line. */
import { itemAt } from '../text/lists';
import { inside } from './nearest';
import type { Trace } from './trace';
import type { Rect } from './types';

export type MoveKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End';

export interface Spot {
  readonly trace: Trace;
  readonly at: number;
}

/** The point that the key leads to, from a point or from none; null if there is none. */
export function moveAlong(
  traces: readonly Trace[],
  from: Spot | null,
  key: MoveKey,
  stride: number,
  plot: Rect,
): Spot | null {
  if (!['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(key)) return null;
  if (!from) return entry(traces, plot);
  const along = { ArrowLeft: -stride, ArrowRight: stride, Home: -Infinity, End: Infinity }[key as string];
  if (along !== undefined) return alongLine(from, along, plot);
  return acrossLines(traces, from, key === 'ArrowUp' ? -1 : 1, plot);
}

/** The middle of the first line that has a point in the plot. */
function entry(traces: readonly Trace[], plot: Rect): Spot | null {
  for (const trace of traces) {
    const seen = visiblePoints(trace, plot);
    if (seen.length) return { trace, at: itemAt(seen, seen.length >> 1) };
  }
  return null;
}

function alongLine({ trace, at }: Spot, by: number, plot: Rect): Spot | null {
  const seen = visiblePoints(trace, plot);
  if (seen.length === 0) return null;
  const place = seen.indexOf(at);
  const next = itemAt(seen, Math.max(0, Math.min(seen.length - 1, place + by)));
  return { trace, at: next };
}

/** The next line up or down at this x; wraps around at the edges. */
function acrossLines(traces: readonly Trace[], from: Spot, sign: 1 | -1, plot: Rect): Spot | null {
  const x = from.trace.px[from.at] ?? NaN;
  const spots = traces.map((trace) => nearestVisible(trace, x, plot)).filter((spot) => spot !== null);
  const height = ({ trace, at }: Spot) => trace.py[at] ?? NaN;
  spots.sort((a, b) => height(a) - height(b) || (a.trace.line.key < b.trace.line.key ? -1 : 1));
  const place = spots.findIndex((spot) => spot.trace === from.trace);
  return spots[(place + sign + spots.length) % spots.length] ?? null;
}

function nearestVisible(trace: Trace, x: number, plot: Rect): Spot | null {
  const distance = (at: number) => Math.abs((trace.px[at] ?? NaN) - x);
  let best = -1;
  for (const at of visiblePoints(trace, plot)) if (best < 0 || distance(at) < distance(best)) best = at;
  return best < 0 ? null : { trace, at: best };
}

function visiblePoints({ px, py }: Trace, plot: Rect): number[] {
  const seen: number[] = [];
  for (let i = 0; i < px.length; i++) if (inside(px[i] ?? NaN, py[i] ?? NaN, plot)) seen.push(i);
  return seen;
}
