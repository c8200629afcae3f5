/** The furniture of a chart: where the plot lies, grid, axes, tick labels, and the tags at the crosshair. */
import { formatDuration, formatTime, formatValue } from './format';
import type { Scale } from './scales';
import { axisTicks, type Tick } from './ticks';
import type { ChartOptions, ChartTheme, Rect, XKind } from './types';

export type Pen = CanvasRenderingContext2D;

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Device pixels to a CSS pixel. */
  readonly ratio: number;
  readonly plot: Rect;
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

const TOP = 10;
const TOP_LABELLED = 26;
const RIGHT = 14;
const BOTTOM = 24;
const BOTTOM_LABELLED = 40;
const MIN_LEFT = 40;
const TICK_GAP = 8;

export function fontOf(theme: ChartTheme, weight = 400): string {
  return `${weight} ${theme.fontSize}px ${theme.fontFamily}`;
}

/** How much of the host the plot gets, knowing nothing of its labels yet. */
export function plotRect(width: number, height: number, options: ChartOptions, left = MIN_LEFT): Rect {
  const bottom = options.xLabel ? BOTTOM_LABELLED : BOTTOM;
  const top = options.yLabel ? TOP_LABELLED : TOP;
  return { left, top, right: Math.max(left + 10, width - RIGHT), bottom: Math.max(top + 10, height - bottom) };
}

export function yTicksFor(scale: Scale, plot: Rect): Tick[] {
  return axisTicks(scale, Math.max(2, (plot.bottom - plot.top) / 44), 'value');
}

export function xTicksFor(scale: Scale, plot: Rect, kind: XKind): Tick[] {
  const room = kind === 'relative' || kind === 'time' ? 96 : 76;
  return axisTicks(scale, Math.max(2, (plot.right - plot.left) / room), kind);
}

/** Left margin that holds the widest label, in steps of eight so that it does not creep while data arrives. */
export function leftMargin(pen: Pen, ticks: readonly Tick[], theme: ChartTheme): number {
  pen.font = fontOf(theme);
  const widest = Math.max(0, ...ticks.map((tick) => pen.measureText(tick.label).width));
  return Math.max(MIN_LEFT, Math.ceil((widest + TICK_GAP + 6) / 8) * 8);
}

export function drawAxes(pen: Pen, frame: Frame, options: ChartOptions): void {
  const { plot, x, y, xTicks, yTicks, ratio } = frame;
  const { theme } = options;
  const line = Math.max(1, Math.floor(ratio)) / ratio;
  pen.lineWidth = line;
  pen.setLineDash([]);
  pen.strokeStyle = theme.grid;
  pen.beginPath();
  for (const tick of yTicks) {
    const at = crisp(y.of(tick.value), line, ratio);
    pen.moveTo(plot.left, at);
    pen.lineTo(plot.right, at);
  }
  for (const tick of xTicks) {
    if (!tick.label) continue;
    const at = crisp(x.of(tick.value), line, ratio);
    pen.moveTo(at, plot.top);
    pen.lineTo(at, plot.bottom);
  }
  pen.stroke();
  drawBaseline(pen, frame, theme, line);
  drawTickLabels(pen, frame, theme);
  drawAxisLabels(pen, frame, options);
}

function drawBaseline(pen: Pen, { plot, x, xTicks, ratio }: Frame, theme: ChartTheme, line: number): void {
  pen.strokeStyle = theme.axis;
  pen.beginPath();
  const floor = crisp(plot.bottom, line, ratio);
  pen.moveTo(plot.left, floor);
  pen.lineTo(plot.right, floor);
  for (const tick of xTicks) {
    const at = crisp(x.of(tick.value), line, ratio);
    pen.moveTo(at, floor);
    pen.lineTo(at, floor + (tick.label ? 4 : 2.5));
  }
  pen.stroke();
}

function drawTickLabels(pen: Pen, { plot, x, y, xTicks, yTicks, width }: Frame, theme: ChartTheme): void {
  pen.font = fontOf(theme);
  pen.fillStyle = theme.muted;
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  for (const tick of yTicks) if (tick.label) pen.fillText(tick.label, plot.left - TICK_GAP, y.of(tick.value));
  pen.textBaseline = 'alphabetic';
  pen.textAlign = 'center';
  let free = -Infinity;
  for (const tick of xTicks) {
    if (!tick.label) continue;
    const half = pen.measureText(tick.label).width / 2;
    const at = Math.max(half + 2, Math.min(width - half - 2, x.of(tick.value)));
    if (at - half < free) continue;
    pen.fillText(tick.label, at, plot.bottom + 16);
    free = at + half + 8;
  }
}

function drawAxisLabels(pen: Pen, { plot, width, height }: Frame, { theme, xLabel, yLabel }: ChartOptions): void {
  pen.font = fontOf(theme, 500);
  pen.fillStyle = theme.muted;
  pen.textBaseline = 'alphabetic';
  pen.textAlign = 'right';
  if (xLabel) pen.fillText(shortened(pen, xLabel, width - plot.left), plot.right, height - 7);
  pen.textAlign = 'left';
  if (yLabel) pen.fillText(shortened(pen, yLabel, width - 16), 8, 15);
}

export function shortened(pen: Pen, text: string, room: number): string {
  if (pen.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 0 && pen.measureText(text.slice(0, end) + '…').width > room) end--;
  return text.slice(0, end) + '…';
}

/** The middle of whole device pixels. */
export function crisp(at: number, line: number, ratio: number): number {
  return Math.round(at * ratio - (line * ratio) / 2) / ratio + line / 2;
}

export function formatX(value: number, kind: XKind, scale: Scale): string {
  if (kind === 'time') return formatTime(value);
  if (kind === 'relative') return formatDuration(value, scale.domain[1] - scale.domain[0] < 10 ? 0.001 : 1);
  return formatValue(value, 7);
}

/** A label in a filled box; `x`, `y` is where it points. */
export function drawTag(pen: Pen, text: string, x: number, y: number, side: 'left' | 'below', frame: Frame, theme: ChartTheme): void {
  pen.font = fontOf(theme, 500);
  const width = Math.ceil(pen.measureText(text).width) + 10;
  const height = theme.fontSize + 7;
  const left = side === 'left' ? Math.max(0, x - width) : Math.max(0, Math.min(frame.width - width, x - width / 2));
  const top = side === 'left' ? Math.max(0, Math.min(frame.height - height, y - height / 2)) : y;
  pen.fillStyle = theme.tagBackground;
  pen.beginPath();
  pen.roundRect(left, top, width, height, 3);
  pen.fill();
  pen.fillStyle = theme.tagText;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(text, left + 5, top + height / 2 + 0.5);
}
