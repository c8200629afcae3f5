/** Plot area, grid, axes, tick labels, and the tags at the crosshair. */
import { formatDuration, formatTime, formatValue } from './format';
import type { Pen } from './pen';
import type { Scale } from './scales';
import { axisTicks, type Tick } from './ticks';
import type { ChartOptions, ChartTheme, Rect, XKind } from './types';

export interface AxesFrame {
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
const TOP_LABELED = 30;
const RIGHT = 14;
const BOTTOM = 24;
const BOTTOM_LABELLED = 40;
const MIN_LEFT = 40;
const TICK_GAP = 8;

export function fontOf(theme: ChartTheme, weight = 400): string {
  return `${weight} ${theme.fontSize}px ${theme.fontFamily}`;
}

/** The part of the host for the plot, before labels are known. */
export function plotRect(
  width: number,
  height: number,
  options: Pick<ChartOptions, 'xLabel' | 'yLabel'> & { readonly noted?: boolean },
  left = MIN_LEFT,
): Rect {
  const bottom = options.xLabel ? BOTTOM_LABELLED : BOTTOM;
  const top = options.yLabel || options.noted ? TOP_LABELED : TOP;
  return { left, top, right: Math.max(left + 10, width - RIGHT), bottom: Math.max(top + 10, height - bottom) };
}

export function yTicksFor(scale: Scale, plot: Rect, kind: XKind = 'value'): Tick[] {
  return axisTicks(scale, Math.max(2, (plot.bottom - plot.top) / 44), kind);
}

export function xTicksFor(scale: Scale, plot: Rect, kind: XKind): Tick[] {
  const room = kind === 'relative' || kind === 'time' ? 96 : 76;
  return axisTicks(scale, Math.max(2, (plot.right - plot.left) / room), kind);
}

/** The left margin for the widest label, in steps of eight so that it is stable while data arrives. */
export function leftMargin(pen: Pen, ticks: readonly Tick[], theme: ChartTheme): number {
  pen.font = fontOf(theme);
  const widest = Math.max(0, ...ticks.map((tick) => pen.measureText(tick.label).width));
  return Math.max(MIN_LEFT, Math.ceil((widest + TICK_GAP + 6) / 8) * 8);
}

/** The title of an axis. */
export type Labels = Pick<ChartOptions, 'theme' | 'xLabel' | 'yLabel'>;

export function drawAxes(pen: Pen, frame: AxesFrame, options: Labels): void {
  const { plot, x, y, xTicks, yTicks, ratio } = frame;
  const { theme } = options;
  const line = Math.max(1, Math.floor(ratio)) / ratio;
  pen.lineWidth = line;
  pen.setLineDash([]);
  pen.strokeStyle = theme.grid;
  for (const major of [false, true]) {
    pen.globalAlpha = major ? 1 : 0.45;
    pen.beginPath();
    for (const tick of yTicks) {
      if ((tick.label !== '') !== major) continue;
      const at = crisp(y.of(tick.value), line, ratio);
      pen.moveTo(plot.left, at);
      pen.lineTo(plot.right, at);
    }
    for (const tick of major ? xTicks : []) {
      if (!tick.label) continue;
      const at = crisp(x.of(tick.value), line, ratio);
      pen.moveTo(at, plot.top);
      pen.lineTo(at, plot.bottom);
    }
    pen.stroke();
  }
  drawBaseline(pen, frame, theme, line);
  drawTickLabels(pen, frame, theme);
  drawAxisLabels(pen, frame, options);
}

/** Notes above the plot about what is not drawn, and a text for an empty plot. */
export function drawNotes(
  pen: Pen,
  { plot }: AxesFrame,
  { theme, yLabel }: Pick<Labels, 'theme'> & Partial<Labels>,
  notes: readonly string[],
  empty: boolean,
): void {
  pen.font = fontOf(theme);
  pen.fillStyle = theme.muted;
  pen.textBaseline = 'alphabetic';
  pen.textAlign = 'right';
  const room = (plot.right - plot.left) / (yLabel ? 2 : 1);
  if (notes.length) pen.fillText(shortened(pen, notes.join(' · '), room), plot.right, plot.top - 15);
  pen.textAlign = 'center';
  if (empty) pen.fillText('No points to show', (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
}

function drawBaseline(pen: Pen, { plot, x, xTicks, ratio }: AxesFrame, theme: ChartTheme, line: number): void {
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

interface Box extends Rect {
  readonly text: string;
}

/** The positions of tick labels; a label that would touch its left neighbor is left out. */
function labelBoxes(
  pen: Pen,
  { plot, x, y, xTicks, yTicks, width }: AxesFrame,
  theme: ChartTheme,
): { x: Box[]; y: Box[] } {
  pen.font = fontOf(theme);
  const half = theme.fontSize / 2 + 1;
  const rows = yTicks
    .filter((tick) => tick.label)
    .map(({ value, label }) => {
      const right = plot.left - TICK_GAP;
      const middle = y.of(value);
      return {
        text: label,
        left: right - pen.measureText(label).width,
        right,
        top: middle - half,
        bottom: middle + half,
      };
    });
  const columns: Box[] = [];
  for (const { value, label } of xTicks) {
    if (!label) continue;
    const reach = pen.measureText(label).width / 2;
    const at = Math.max(reach + 2, Math.min(width - reach - 2, x.of(value)));
    if (at - reach < (columns.at(-1)?.right ?? -Infinity) + 8) continue;
    columns.push({ text: label, left: at - reach, right: at + reach, top: plot.bottom + 6, bottom: plot.bottom + 19 });
  }
  return { x: columns, y: rows };
}

function drawTickLabels(pen: Pen, frame: AxesFrame, theme: ChartTheme): void {
  const boxes = labelBoxes(pen, frame, theme);
  pen.fillStyle = theme.muted;
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  for (const { text, right, top, bottom } of boxes.y) pen.fillText(text, right, (top + bottom) / 2);
  pen.textBaseline = 'alphabetic';
  pen.textAlign = 'left';
  for (const { text, left, bottom } of boxes.x) pen.fillText(text, left, bottom - 3);
}

function drawAxisLabels(pen: Pen, { plot, width, height }: AxesFrame, { theme, xLabel, yLabel }: Labels): void {
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

/** Shortened at the start, because params mostly differ at the end of their names. */
export function shortenedFront(pen: Pen, text: string, room: number): string {
  if (pen.measureText(text).width <= room) return text;
  let start = 1;
  while (start < text.length && pen.measureText('…' + text.slice(start)).width > room) start++;
  return '…' + text.slice(start);
}

/** The center of a device pixel. */
export function crisp(at: number, line: number, ratio: number): number {
  return Math.round(at * ratio - (line * ratio) / 2) / ratio + line / 2;
}

export function formatX(value: number, kind: XKind, scale: Scale): string {
  if (kind === 'time') return formatTime(value);
  if (kind === 'relative') return formatDuration(value, scale.domain[1] - scale.domain[0] < 10 ? 0.001 : 1);
  return formatValue(value, 7);
}

/** Tags on both axes for a position in the plot; `yText` is null if only x is known. */
export function drawTags(
  pen: Pen,
  frame: AxesFrame,
  theme: ChartTheme,
  px: number,
  xText: string,
  py: number,
  yText: string | null,
): void {
  const { plot, width, height } = frame;
  const boxes = labelBoxes(pen, frame, theme);
  const tall = theme.fontSize + 7;
  const wide = (text: string) => Math.ceil(pen.measureText(text).width) + 10;
  pen.font = fontOf(theme, 500);
  const left = Math.max(0, Math.min(width - wide(xText), px - wide(xText) / 2));
  const below = { left, right: left + wide(xText), top: plot.bottom + 4, bottom: plot.bottom + 4 + tall };
  drawTag(pen, { ...below, text: xText }, boxes.x, theme);
  if (yText === null) return;
  const top = Math.max(0, Math.min(height - tall, py - tall / 2));
  const beside = { left: Math.max(0, plot.left - 3 - wide(yText)), right: plot.left - 3, top, bottom: top + tall };
  drawTag(pen, { ...beside, right: beside.left + wide(yText), text: yText }, boxes.y, theme);
}

/** Erases the tick labels that it overlaps, so that none is cut in half. */
function drawTag(pen: Pen, tag: Box, labels: readonly Box[], theme: ChartTheme): void {
  pen.fillStyle = theme.background;
  for (const { left, right, top, bottom } of labels) {
    if (right < tag.left - 3 || left > tag.right + 3 || bottom < tag.top || top > tag.bottom) continue;
    pen.fillRect(left - 1, top - 1, right - left + 2, bottom - top + 2);
  }
  pen.fillStyle = theme.tagBackground;
  pen.beginPath();
  pen.roundRect(tag.left, tag.top, tag.right - tag.left, tag.bottom - tag.top, 3);
  pen.fill();
  pen.fillStyle = theme.tagText;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(tag.text, tag.left + 5, (tag.top + tag.bottom) / 2 + 0.5);
}
