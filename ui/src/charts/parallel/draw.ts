/** Draws parallel coordinates: the lines, the axes above them, brushes, and the values of a highlighted line. */
import { itemAt } from '../../text/lists';
import { crisp, fontOf, shortened } from '../axes';
import { formatValue } from '../format';
import { SLICE, type Job } from '../painter';
import type { Pen } from '../pen';
import type { ChartTheme } from '../types';
import { spanOn } from './brushes';
import type { Brushes } from './types';
import { crossing, nameOf, type AxisView, type ParallelView } from './view';

const LINE_WIDTH = 1.25;
/** Estimated milliseconds of wide strokes before all become hairlines. */
const WIDE_BUDGET = 60;
const CURVED_COST = 3;
/** The opacity of lines that the brushes exclude. */
const FADED = 0.35;

function costOf({ axes, gap, ratio, curved }: ParallelView, rows: number, hairlines: boolean): number {
  const segments = rows * Math.max(0, axes.length - 1);
  const length = segments * Math.abs(gap) * ratio;
  const plain = hairlines ? segments * 3e-4 + length * 1.5e-5 : segments * 1e-3 + length * 2e-4;
  return curved ? plain * CURVED_COST : plain;
}

export function parallelJob(
  view: ParallelView,
  dashes: readonly (readonly number[] | undefined)[],
  theme: ChartTheme,
): Job {
  const kept = view.rows.filter((row) => view.kept[row] === 1);
  const out = view.rows.filter((row) => view.kept[row] === 0);
  const hairlines = costOf(view, kept.length, false) > WIDE_BUDGET;
  const cost = costOf(view, kept.length, hairlines) + costOf(view, out.length, true);
  const each = (wide: boolean) => costOf(view, 1, !wide);
  return {
    cost,
    *draw(pen) {
      let spent = 0;
      pen.lineJoin = 'round';
      pen.strokeStyle = theme.axis;
      pen.globalAlpha = FADED * rowAlpha(out.length);
      pen.lineWidth = 1 / view.ratio;
      pen.setLineDash([]);
      for (const row of out) {
        strokeRow(pen, view, row);
        if ((spent += each(false)) > SLICE) yield void (spent = 0);
      }
      pen.globalAlpha = rowAlpha(kept.length);
      pen.lineWidth = hairlines ? 1 / view.ratio : LINE_WIDTH;
      for (const row of kept) {
        pen.strokeStyle = itemAt(view.colors, row);
        pen.setLineDash((dashes[row] ?? []) as number[]);
        strokeRow(pen, view, row);
        if ((spent += each(!hairlines)) > SLICE) yield void (spent = 0);
      }
      pen.setLineDash([]);
      pen.globalAlpha = 1;
    },
  };
}

function rowAlpha(count: number): number {
  if (count <= 20) return 0.95;
  return Math.max(0.22, 0.95 - Math.log10(count / 20) * 0.27);
}

function strokeRow(pen: Pen, { axes, ys, curved }: ParallelView, row: number): void {
  const start = row * axes.length;
  let { x: before } = itemAt(axes, 0);
  let height = ys[start] ?? NaN;
  pen.beginPath();
  pen.moveTo(before - (axes.length === 1 ? 12 : 0), height);
  if (axes.length === 1) pen.lineTo(before + 12, height);
  for (let a = 1; a < axes.length; a++) {
    const { x } = itemAt(axes, a);
    const y = ys[start + a] ?? NaN;
    const middle = (before + x) / 2;
    if (curved) pen.bezierCurveTo(middle, height, middle, y, x, y);
    else pen.lineTo(x, y);
    before = x;
    height = y;
  }
  pen.stroke();
}

export function drawLitRow(pen: Pen, view: ParallelView, row: number, dash: readonly number[] = []): void {
  pen.globalAlpha = 1;
  pen.strokeStyle = itemAt(view.colors, row);
  pen.lineWidth = 2.5;
  pen.lineJoin = 'round';
  pen.setLineDash(dash as number[]);
  strokeRow(pen, view, row);
  pen.setLineDash([]);
}

/** Axes with their labels, readable above the lines. */
export function drawParallelAxes(pen: Pen, view: ParallelView, colorBy: string | null, theme: ChartTheme): void {
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  for (const axis of view.axes) {
    drawStem(pen, view, axis, axis.column.key === colorBy, theme);
    drawLabels(pen, view, axis, theme);
  }
  const { rail, axes } = view;
  if (axes.length === 0 || view.rows.length === 0) drawEmpty(pen, view, theme);
  const [first] = axes;
  if (rail === null || !first) return;
  pen.textAlign = 'right';
  pen.fillStyle = theme.muted;
  pen.font = fontOf(theme);
  haloed(pen, 'none', first.x - 8, rail, theme);
}

function drawEmpty(pen: Pen, { plot, axes, width }: ParallelView, theme: ChartTheme): void {
  pen.font = fontOf(theme);
  pen.fillStyle = theme.muted;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(axes.length === 0 ? 'No axes to show' : 'No runs to show', width / 2, (plot.top + plot.bottom) / 2);
}

function drawStem(
  pen: Pen,
  view: ParallelView,
  { x, scale, ticks }: AxisView,
  colored: boolean,
  theme: ChartTheme,
): void {
  const { plot, ratio, rail } = view;
  const line = Math.max(1, Math.floor(ratio)) / ratio;
  const at = crisp(x, line, ratio);
  if (colored) drawGradient(pen, x, plot.top, plot.bottom, theme);
  pen.strokeStyle = theme.crosshair;
  pen.lineWidth = line;
  pen.beginPath();
  pen.moveTo(at, plot.top);
  pen.lineTo(at, plot.bottom);
  for (const tick of ticks) {
    const y = crisp(scale.of(tick.value), line, ratio);
    pen.moveTo(at - (tick.label ? 5 : 3), y);
    pen.lineTo(at, y);
  }
  pen.stroke();
  if (rail === null) return;
  pen.setLineDash([2, 3]);
  pen.beginPath();
  pen.moveTo(at, plot.bottom);
  pen.lineTo(at, rail);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = theme.background;
  pen.beginPath();
  pen.arc(x, rail, 2.5, 0, Math.PI * 2);
  pen.fill();
  pen.stroke();
}

function drawGradient(pen: Pen, x: number, top: number, bottom: number, { gradient }: ChartTheme): void {
  const tall = (bottom - top) / gradient.length;
  gradient.forEach((color, i) => {
    pen.fillStyle = color;
    pen.fillRect(x - 2.5, bottom - (i + 1) * tall, 5, tall + 0.5);
  });
}

function drawLabels(pen: Pen, { gap }: ParallelView, { x, scale, ticks }: AxisView, theme: ChartTheme): void {
  pen.font = fontOf(theme);
  pen.textAlign = 'right';
  const room = Math.min(130, Math.max(30, gap - 22));
  for (const { value, label } of ticks)
    if (label) haloed(pen, shortened(pen, label, room), x - 8, scale.of(value), theme);
}

/** Text to the left of x on a patch of the background. */
function haloed(pen: Pen, text: string, x: number, y: number, theme: ChartTheme): void {
  const wide = pen.measureText(text).width;
  pen.globalAlpha = 0.78;
  pen.fillStyle = theme.background;
  pen.beginPath();
  pen.roundRect(x - wide - 3, y - theme.fontSize / 2 - 2, wide + 6, theme.fontSize + 4, 3);
  pen.fill();
  pen.globalAlpha = 1;
  pen.fillStyle = theme.muted;
  pen.textBaseline = 'middle';
  pen.fillText(text, x, y + 0.5);
}

/** Names of the axes, for an exported image; on the page they are buttons. */
export function drawNames(pen: Pen, view: ParallelView, theme: ChartTheme): void {
  for (const axis of view.axes) {
    const { text, left, width } = nameOf(view, axis, pen, theme);
    pen.fillStyle = theme.text;
    pen.textAlign = 'center';
    pen.textBaseline = 'alphabetic';
    pen.fillText(text, left + width / 2, 24);
  }
}

export function drawBrushes(pen: Pen, view: ParallelView, brushes: Brushes, theme: ChartTheme): void {
  for (const axis of view.axes) {
    const span = spanOn(view, axis, brushes[axis.column.key]);
    if (!span) continue;
    pen.beginPath();
    pen.roundRect(axis.x - 8, span.top, 16, Math.max(1, span.bottom - span.top), 3);
    pen.fillStyle = theme.selectionEdge;
    pen.strokeStyle = theme.selectionEdge;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.3;
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
    for (const y of [span.top, span.bottom]) {
      pen.beginPath();
      pen.roundRect(axis.x - 8, y - 1.5, 16, 3, 1.5);
      pen.fill();
    }
  }
}

export function textOnAxis({ column }: AxisView, row: number, digits = 5): string {
  const value = column.values[row] ?? NaN;
  return column.categories?.[value] ?? (Number.isNaN(value) ? 'none' : formatValue(value, digits));
}

/** If axes are closer than this, values are shortened. */
const CLOSE = 90;

/** A dot on each axis and the row's value next to it. */
export function drawValues(pen: Pen, view: ParallelView, row: number, theme: ChartTheme): void {
  const { axes, colors, gap, width } = view;
  pen.font = fontOf(theme, 500);
  const tall = theme.fontSize + 7;
  axes.forEach((axis, a) => {
    const y = crossing(view, row, a);
    pen.fillStyle = theme.background;
    pen.beginPath();
    pen.arc(axis.x, y, 5, 0, Math.PI * 2);
    pen.fill();
    pen.fillStyle = itemAt(colors, row);
    pen.beginPath();
    pen.arc(axis.x, y, 3.5, 0, Math.PI * 2);
    pen.fill();
    const text = shortened(pen, textOnAxis(axis, row, gap < CLOSE ? 3 : 5), Math.max(40, gap - 26));
    const wide = pen.measureText(text).width + 10;
    const left = axis.x + 9 + wide > width ? axis.x - 9 - wide : axis.x + 9;
    pen.fillStyle = theme.tagBackground;
    pen.beginPath();
    pen.roundRect(left, y - tall / 2, wide, tall, 3);
    pen.fill();
    pen.fillStyle = theme.tagText;
    pen.textAlign = 'left';
    pen.textBaseline = 'middle';
    pen.fillText(text, left + 5, y + 0.5);
  });
}
