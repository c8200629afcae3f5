/** Everything to repaint parallel coordinates: the positions of the axes and where each row crosses them. */
import { fontOf, shortenedFront } from '../axes';
import { placed, scaleOf, spanOf, ticksKind, type ChartColumn } from '../column';
import { colorAt } from '../gradient';
import type { Pen } from '../pen';
import { makeScale, type Scale } from '../scales';
import { axisTicks, type Tick } from '../ticks';
import type { ChartTheme, Rect } from '../types';
import type { Size } from '../view';
import type { AxisBrush, Brushes, ParallelData, ParallelOptions } from './types';

export interface AxisView {
  readonly column: ChartColumn;
  readonly x: number;
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
}

export interface ParallelView {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly plot: Rect;
  /** Height of the rail for rows without a value; null if every row has all values. */
  readonly rail: number | null;
  readonly axes: readonly AxisView[];
  /** Rows that are not hidden, as indices. */
  readonly rows: readonly number[];
  /** The crossing of row r and axis a, in pixels: ys[r * axes.length + a]. */
  readonly ys: Float32Array;
  readonly colors: readonly string[];
  /** Whether each row passes every brush. */
  readonly kept: Uint8Array;
  readonly brushed: boolean;
  readonly curved: boolean;
  /** Pixels between two axes. */
  readonly gap: number;
}

const TOP = 44;
const BOTTOM = 16;
const RAIL = 30;
const SIDE = 28;
const LABEL = 14;

export function makeParallelView(data: ParallelData, options: ParallelOptions, size: Size, pen: Pen): ParallelView {
  const columns = orderedColumns(data.columns, options.order);
  const scales = columns.map((column) => ({ column, kind: scaleOf(column, options.scales[column.key] ?? 'linear') }));
  const rows = data.rows.flatMap((row, i) => (row.hidden ? [] : [i]));
  const missing = scales.some(({ column, kind }) => rows.some((r) => !placed(column.values[r] ?? NaN, kind)));
  const bottom = Math.max(TOP + 20, size.height - BOTTOM - (missing ? RAIL : 0));
  const rail = missing ? bottom + RAIL - 4 : null;
  const made = scales.map(({ column, kind }) => {
    const scale = makeScale(kind, spanOf(column, kind), [bottom, TOP]);
    return { column, scale, ticks: ticksOf(column, scale) };
  });
  const left = Math.max(SIDE, firstMargin(pen, made[0]?.ticks ?? [], missing, options));
  const plot = { left, top: TOP, right: Math.max(left + 10, size.width - SIDE - LABEL), bottom };
  const gap = columns.length > 1 ? (plot.right - plot.left) / (columns.length - 1) : plot.right - plot.left;
  const axes = made.map((axis, a) => ({
    ...axis,
    x: columns.length > 1 ? plot.left + a * gap : (plot.left + plot.right) / 2,
  }));
  const view = {
    ...size,
    plot,
    rail,
    axes,
    rows,
    ys: crossings(data.rows.length, axes, rail ?? bottom),
    colors: rowColors(data, options),
    curved: options.curved,
    gap,
  };
  return { ...view, ...keptBy(options.brushes, axes, data.rows.length) };
}

/** The same view with other brushes. */
export function rebrushed(view: ParallelView, brushes: Brushes): ParallelView {
  return { ...view, ...keptBy(brushes, view.axes, view.kept.length) };
}

export function orderedColumns(columns: readonly ChartColumn[], order: readonly string[]): ChartColumn[] {
  const place = new Map(order.map((key, i) => [key, i]));
  return columns
    .map((column, i) => ({ column, at: place.get(column.key) ?? order.length + i }))
    .sort((a, b) => a.at - b.at)
    .map(({ column }) => column);
}

function ticksOf(column: ChartColumn, scale: Scale): Tick[] {
  const { categories } = column;
  const room = Math.max(2, (scale.range[0] - scale.range[1]) / 28);
  if (!categories) return axisTicks(scale, room, ticksKind(column));
  const every = Math.max(1, Math.ceil(categories.length / (room * 1.4)));
  return categories.map((label, value) => ({ value, label: value % every === 0 ? label : '' }));
}

const WIDEST = 130;

function firstMargin(pen: Pen, ticks: readonly Tick[], missing: boolean, { theme }: ParallelOptions): number {
  pen.font = fontOf(theme);
  const labels = [...ticks.map((tick) => tick.label), missing ? 'none' : ''];
  const widest = Math.max(...labels.map((label) => pen.measureText(label).width));
  return Math.ceil(Math.min(WIDEST, widest) / 8) * 8 + LABEL + 6;
}

function crossings(rows: number, axes: readonly AxisView[], rail: number): Float32Array {
  const ys = new Float32Array(rows * axes.length);
  axes.forEach(({ column, scale }, a) => {
    for (let r = 0; r < rows; r++) {
      const value = column.values[r] ?? NaN;
      ys[r * axes.length + a] = placed(value, scale.kind) ? scale.of(value) : rail;
    }
  });
  return ys;
}

function rowColors(data: ParallelData, { colorBy, scales, theme }: ParallelOptions): string[] {
  const column = data.columns.find(({ key }) => key === colorBy);
  if (!column) return data.rows.map((row) => row.color);
  const kind = scaleOf(column, scales[column.key] ?? 'linear');
  const scale = makeScale(kind, colorSpan(column, kind), [0, 1]);
  return data.rows.map((_, r) => {
    const value = column.values[r] ?? NaN;
    return placed(value, kind) ? colorAt(theme.gradient, scale.of(value)) : theme.muted;
  });
}

function colorSpan(column: ChartColumn, kind: Scale['kind']): readonly [number, number] {
  const [low, high] = spanOf(column, kind);
  return column.categories && column.categories.length > 1 ? [low + 0.5, high - 0.5] : [low, high];
}

function keptBy(brushes: Brushes, axes: readonly AxisView[], rows: number): Pick<ParallelView, 'kept' | 'brushed'> {
  const kept = new Uint8Array(rows).fill(1);
  let brushed = false;
  for (const { column, scale } of axes) {
    const brush = brushes[column.key];
    if (!brush) continue;
    brushed = true;
    for (let r = 0; r < rows; r++) if (!passes(brush, column.values[r] ?? NaN, scale.kind)) kept[r] = 0;
  }
  return { kept, brushed };
}

function passes({ range, none }: AxisBrush, value: number, kind: Scale['kind']): boolean {
  if (!placed(value, kind)) return none;
  return range !== null && value >= range[0] && value <= range[1];
}

export interface Name {
  readonly text: string;
  readonly left: number;
  readonly width: number;
}

const MOST_NAME = 220;

/** The position of an axis name: above it, inside the image and clear of its neighbors. */
export function nameOf({ gap, width }: ParallelView, { column, x }: AxisView, pen: Pen, theme: ChartTheme): Name {
  pen.font = fontOf(theme, 600);
  const text = shortenedFront(pen, column.label, Math.max(24, Math.min(MOST_NAME, gap - 10)));
  const wide = Math.max(24, Math.ceil(pen.measureText(text).width) + 4);
  return { text, left: Math.max(2, Math.min(width - wide - 2, x - wide / 2)), width: wide };
}

/** The height of a row on an axis. */
export function crossing({ ys, axes }: ParallelView, row: number, axis: number): number {
  return ys[row * axes.length + axis] ?? NaN;
}

/** Height of a row's line at x between its crossings of axis a and the next. */
export function heightAt(view: ParallelView, row: number, a: number, part: number): number {
  const [from, to] = [crossing(view, row, a), crossing(view, row, a + 1)];
  return from + (to - from) * (view.curved ? eased(part) : part);
}

/** The height halfway along a curve with horizontal handles: its x is 1.5t - 1.5t² + t³. */
function eased(part: number): number {
  let t = part;
  for (let i = 0; i < 4; i++) {
    t -= (1.5 * t - 1.5 * t * t + t * t * t - part) / (1.5 - 3 * t + 3 * t * t);
  }
  return t * t * (3 - 2 * t);
}

/** The row in the brushes whose line passes nearest, within reach; -1 if there is none. */
export function nearestRow(view: ParallelView, x: number, y: number, reach: number): number {
  const { axes, gap, rows, kept } = view;
  const [first] = axes;
  if (!first) return -1;
  const along = (x - first.x) / gap;
  const a = Math.max(0, Math.min(axes.length - 2, Math.floor(along)));
  const part = Math.max(0, Math.min(1, along - a));
  let best = -1;
  let least = reach;
  for (const row of rows) {
    if (kept[row] === 0) continue;
    const at = axes.length === 1 ? crossing(view, row, 0) : heightAt(view, row, a, part);
    const distance = Math.abs(at - y);
    if (distance < least) {
      least = distance;
      best = row;
    }
  }
  return best;
}
