/** Everything to repaint a scatter plot: scales, ticks, pixels and trends. */
import { trendOf, type Trend } from '../../stats';
import { itemAt } from '../../text/lists';
import { leftMargin, plotRect, shortened, xTicksFor, yTicksFor, type AxesFrame } from '../axes';
import { placed, scaleOf, spanOf, ticksKind, type ChartColumn } from '../column';
import { bounded, padded } from '../domain';
import { formatValue } from '../format';
import type { Pen } from '../pen';
import { makeScale, project, type Scale } from '../scales';
import type { Tick } from '../ticks';
import type { ChartTheme, Range, Rect, ScaleKind } from '../types';
import type { Size } from '../view';
import type { ScatterData, ScatterOptions } from './types';

export interface TrendLine {
  readonly color: string;
  /** Its fit, in words. */
  readonly said: string;
  readonly px: Float32Array;
  readonly py: Float32Array;
}

export interface ScatterView {
  readonly frame: AxesFrame;
  /** Rows that both axes can show; px and py are in this order. */
  readonly rows: readonly number[];
  readonly px: Float32Array;
  readonly py: Float32Array;
  readonly trends: readonly TrendLine[];
  readonly notes: readonly string[];
}

const WIDEST = 140;

export function makeScatterView(data: ScatterData, options: ScatterOptions, size: Size, pen: Pen): ScatterView {
  const kinds = { x: scaleOf(data.x, options.xScale), y: scaleOf(data.y, options.yScale) };
  const shown = data.rows.flatMap((row, i) => (row.hidden ? [] : [i]));
  const on = (axis: 'x' | 'y', i: number) => placed(data[axis].values[i] ?? NaN, kinds[axis]);
  const rows = shown.filter((i) => on('x', i) && on('y', i));
  const frame = frameOf(data, options, kinds, rows, size, pen);
  const x = rowValues(data.x, rows);
  const y = rowValues(data.y, rows);
  return {
    frame,
    rows,
    px: project(frame.x, x, 0, rows.length),
    py: project(frame.y, y, 0, rows.length),
    trends: trendsOf(data, options, rows, frame),
    notes: scatterNotes(data, kinds, shown),
  };
}

function frameOf(
  data: ScatterData,
  options: ScatterOptions,
  kinds: { readonly x: ScaleKind; readonly y: ScaleKind },
  rows: readonly number[],
  size: Size,
  pen: Pen,
): AxesFrame {
  const { theme } = options;
  const xDomain = bounded(roomy(data.x, kinds.x, rows), options.xRange, kinds.x);
  const yDomain = bounded(roomy(data.y, kinds.y, rows), options.yRange, kinds.y);
  const labels = { xLabel: data.x.label, yLabel: data.y.label, noted: true };
  const yScale = (plot: Rect) => makeScale(kinds.y, yDomain, [plot.bottom, plot.top]);
  const yTicks = (plot: Rect) => {
    const scale = yScale(plot);
    const { categories } = data.y;
    return categories
      ? categoryTicks(categories, scale, 22, WIDEST, pen, theme)
      : yTicksFor(scale, plot, ticksKind(data.y));
  };
  const rough = plotRect(size.width, size.height, labels);
  const plot = plotRect(size.width, size.height, labels, leftMargin(pen, yTicks(rough), theme));
  const x = makeScale(kinds.x, xDomain, [plot.left, plot.right]);
  const { categories } = data.x;
  const xTicks = categories
    ? categoryTicks(categories, x, 60, WIDEST, pen, theme)
    : xTicksFor(x, plot, ticksKind(data.x));
  return { ...size, plot, x, y: yScale(plot), xTicks, yTicks: yTicks(plot) };
}

/** The extent with room at its ends, so that the frame cuts no point. */
function roomy(column: ChartColumn, kind: ScaleKind, rows: readonly number[]): Range {
  if (column.categories) return spanOf(column, kind);
  return padded(spanOf({ ...column, values: rowValues(column, rows) }, kind), kind, 0.05);
}

function rowValues({ values }: ChartColumn, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (i) => values[i] ?? NaN);
}

/** Names that fit next to each other; each has at least `room` pixels. */
function categoryTicks(
  categories: readonly string[],
  scale: Scale,
  room: number,
  widest: number,
  pen: Pen,
  { fontSize, fontFamily }: ChartTheme,
): Tick[] {
  const each = Math.abs(scale.of(1) - scale.of(0));
  const every = Math.max(1, Math.ceil(room / each));
  const across = room > 30;
  pen.font = `400 ${fontSize}px ${fontFamily}`;
  const fit = across ? Math.max(40, each * every - 10) : widest;
  return categories.flatMap((name, value) =>
    value % every === 0 && value >= scale.domain[0] && value <= scale.domain[1]
      ? [{ value, label: shortened(pen, name, fit) }]
      : [],
  );
}

/** Fitted on the scales of the axes: on a log scale, to powers. Categories have no trend. */
function trendsOf(data: ScatterData, options: ScatterOptions, rows: readonly number[], frame: AxesFrame): TrendLine[] {
  const { trend, trendBy, theme } = options;
  if (trend === 'none' || data.x.categories || data.y.categories) return [];
  const groups = new Map<string, { readonly color: string; readonly rows: number[] }>();
  for (const i of rows) {
    const row = itemAt(data.rows, i);
    const name = trendBy === 'group' ? (row.group ?? row.color) : '';
    const group = groups.get(name);
    if (group) group.rows.push(i);
    else groups.set(name, { color: trendBy === 'group' ? row.color : theme.text, rows: [i] });
  }
  const flat = (scale: Scale) => (value: number) => (scale.kind === 'log' ? Math.log10(value) : value);
  const back = (scale: Scale) => (value: number) => (scale.kind === 'log' ? 10 ** value : value);
  return [...groups.values()].flatMap(({ color, rows: members }) => {
    const x = rowValues(data.x, members).map(flat(frame.x));
    const y = rowValues(data.y, members).map(flat(frame.y));
    const made = trendOf(trend, x, y);
    if (!made) return [];
    const px = project(frame.x, made.x.map(back(frame.x)), 0, made.x.length);
    const py = project(frame.y, made.y.map(back(frame.y)), 0, made.y.length);
    return [{ color, said: saidOf(made), px, py }];
  });
}

/** A curved trend has no correlation. */
function saidOf({ r, r2, count }: Trend): string {
  const number = (value: number) => (Number.isNaN(value) ? '–' : formatValue(value, 3));
  return [r === null ? '' : `r ${number(r)}`, `r² ${number(r2)}`, `n ${count}`].filter(Boolean).join(' · ');
}

function scatterNotes(data: ScatterData, kinds: { x: ScaleKind; y: ScaleKind }, shown: readonly number[]): string[] {
  const notes: string[] = [];
  for (const axis of ['x', 'y'] as const) {
    const { label } = data[axis];
    if (axis === 'y' && data.y.key === data.x.key) continue;
    const finite = rowValues(data[axis], shown).filter(Number.isFinite);
    const missing = shown.length - finite.length;
    const low = kinds[axis] === 'log' ? finite.filter((value) => value <= 0).length : 0;
    if (missing) notes.push(`${missing} without ${label}`);
    if (low) notes.push(`${low} with ${label} ≤ 0`);
  }
  return notes;
}

/** Index in `rows` of the point nearest to a pixel, within reach; -1 if there is none. */
export function nearestOf({ px, py, frame: { plot } }: ScatterView, x: number, y: number, reach: number): number {
  let best = -1;
  let least = reach * reach;
  for (let i = 0; i < px.length; i++) {
    const ix = px[i] ?? NaN;
    const iy = py[i] ?? NaN;
    const square = (ix - x) ** 2 + (iy - y) ** 2;
    if (square >= least || !within(ix, iy, plot)) continue;
    least = square;
    best = i;
  }
  return best;
}

export function within(x: number, y: number, plot: Rect): boolean {
  return x >= plot.left - 1 && x <= plot.right + 1 && y >= plot.top - 1 && y <= plot.bottom + 1;
}

/** The next visible point to the left or right, from a point or from none. */
export function stepFrom({ px, py, frame: { plot } }: ScatterView, from: number, by: number): number {
  const order = Array.from(px.keys()).filter((i) => within(px[i] ?? NaN, py[i] ?? NaN, plot));
  order.sort((a, b) => (px[a] ?? NaN) - (px[b] ?? NaN) || (py[a] ?? NaN) - (py[b] ?? NaN));
  if (order.length === 0) return -1;
  const at = order.indexOf(from);
  return itemAt(order, at < 0 ? 0 : Math.max(0, Math.min(order.length - 1, at + by)));
}
