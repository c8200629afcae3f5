/**
 * Very many lines as their density, with quantile lines above. Lines of a few colors mix them; more colors than that tell
 * nothing apart, and a gradient takes their place.
 */
import { groupedBy } from '../../text/lists';
import type { AxesFrame } from '../axes';
import type { Pen } from '../pen';
import type { Trace } from '../trace';
import type { ChartTheme, Line, Rect } from '../types';
import { Counter, type Grid } from './counts';
import { drawQuantiles, MEDIAN, SPREAD } from './guides';
import { Ink, rgbOf } from './ink';

/** From this number of lines on, their density is drawn. */
export const CROWD = 2000;
const MOST_COLORS = 12;
/** The most columns that all lines may pass through together; if they are more, columns are wider. */
const PASSED = 12e6;
const WIDEST = 2;
/** Milliseconds for a line in one column and for one of its points. Measured; only a guide. */
const COLUMN_COST = 8e-6;
const POINT_COST = 2e-5;

/** Lines with a width or an area of their own stand for others, and are always drawn. */
const isPlain = ({ width, low }: Line): boolean => width === undefined && low === undefined;

export const isCrowd = (lines: readonly Line[]): boolean =>
  lines.length >= CROWD && lines.reduce((count, line) => count + Number(isPlain(line)), 0) >= CROWD;

export function apart(traces: readonly Trace[]): {
  readonly crowd: readonly Trace[];
  readonly single: readonly Trace[];
} {
  return {
    crowd: traces.filter(({ line }) => isPlain(line)),
    single: traces.filter(({ line }) => !isPlain(line)),
  };
}

function gridOf(lines: number, { plot, ratio }: AxesFrame): Grid {
  const { left, top } = plot;
  const width = plot.right - left;
  const wide = [1 / ratio, 1].find((cell) => (lines * width) / cell <= PASSED) ?? WIDEST;
  const high = Math.min(1, wide);
  return { columns: Math.ceil(width / wide), rows: Math.ceil((plot.bottom - top) / high), left, top, wide, high };
}

const costOf = ({ px }: Trace, { wide }: Grid): number =>
  px.length * POINT_COST + (Math.abs((px[px.length - 1] ?? NaN) - (px[0] ?? NaN)) / wide || 0) * COLUMN_COST;

/** Milliseconds, as estimated. */
export function densityCost(crowd: readonly Trace[], frame: AxesFrame): number {
  const grid = gridOf(crowd.length, frame);
  return crowd.reduce((sum, trace) => sum + costOf(trace, grid), 0);
}

/** Draws the density and its quantiles; the pen is already clipped to the plot. Yields after about `slice` ms. */
export function* drawDensity(
  pen: Pen,
  crowd: readonly Trace[],
  frame: AxesFrame,
  theme: ChartTheme,
  slice: number,
): Generator<void> {
  const grid = gridOf(crowd.length, frame);
  const groups = [...groupedBy(crowd, ({ line }) => line.color)];
  const mixed = groups.length <= MOST_COLORS;
  const counter = new Counter(grid);
  const ink = new Ink(grid);
  let spent = 0;
  for (const [color, traces] of groups) {
    for (const trace of traces) {
      counter.add(trace);
      spent += costOf(trace, grid);
      if (spent < slice) continue;
      spent = 0;
      yield;
    }
    if (mixed) ink.add(counter, rgbOf(color));
  }
  if (!mixed) ink.add(counter, null);
  pen.globalAlpha = 1;
  pen.drawImage(ink.picture(theme), grid.left, grid.top, grid.columns * grid.wide, grid.rows * grid.high);
  yield;
  const taken: Rect[] = [];
  if (mixed && groups.length > 1) {
    for (const [color, traces] of groups) drawQuantiles(pen, traces, grid, frame, theme, color, MEDIAN, taken);
  } else drawQuantiles(pen, crowd, grid, frame, theme, theme.text, SPREAD, taken);
}
