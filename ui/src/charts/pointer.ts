/** Everything that follows the pointer: crosshair, its tags on the axes, dots on the lines at that x, and the brush. */
import { crisp, drawTags, type AxesFrame } from './axes';
import { ringedDot } from './draw';
import { indexAt, inside } from './nearest';
import type { Pen } from './pen';
import type { Trace } from './trace';
import type { ChartTheme, Hover, Rect } from './types';

/** The text of a position on its axes. */
export interface Said {
  readonly x: (value: number) => string;
  readonly y: (value: number) => string;
}

export function drawCrosshair(
  pen: Pen,
  frame: AxesFrame,
  theme: ChartTheme,
  said: Said,
  x: number,
  y: number | null,
): void {
  const { plot, ratio } = frame;
  const px = frame.x.of(x);
  if (!(px >= plot.left - 1 && px <= plot.right + 1)) return;
  const line = Math.max(1, Math.floor(ratio)) / ratio;
  pen.strokeStyle = theme.crosshair;
  pen.lineWidth = line;
  pen.setLineDash([3, 3]);
  pen.beginPath();
  pen.moveTo(crisp(px, line, ratio), plot.top);
  pen.lineTo(crisp(px, line, ratio), plot.bottom);
  const py = y === null ? NaN : frame.y.of(y);
  const level = py >= plot.top - 1 && py <= plot.bottom + 1;
  if (level) {
    pen.moveTo(plot.left, crisp(py, line, ratio));
    pen.lineTo(plot.right, crisp(py, line, ratio));
  }
  pen.stroke();
  pen.setLineDash([]);
  drawTags(pen, frame, theme, px, said.x(x), py, level && y !== null ? said.y(y) : null);
}

/** A dot on each line at its point nearest to x. */
export function drawDots(pen: Pen, traces: readonly Trace[], frame: AxesFrame, x: number, theme: ChartTheme): void {
  const slack = slackAt(frame, x);
  for (const trace of traces) {
    const index = indexAt(trace.line.x, x, slack, trace.sorted);
    const at = index - trace.from;
    if (index < 0 || at < 0 || at >= trace.px.length) continue;
    const px = trace.px[at] ?? NaN;
    const py = trace.py[at] ?? NaN;
    if (inside(px, py, frame.plot)) ringedDot(pen, px, py, 2.5, trace.line.color, theme);
  }
}

export function drawHovered(pen: Pen, hover: Hover, color: string, frame: AxesFrame, theme: ChartTheme): void {
  if (hover.low !== undefined && hover.high !== undefined) {
    drawWhisker(pen, hover.px, frame.y.of(hover.low), frame.y.of(hover.high), color, frame.plot);
  }
  ringedDot(pen, hover.px, hover.py, 4.5, color, theme);
}

const CAP = 4;

/** The extent of the area at the hovered point. */
function drawWhisker(pen: Pen, px: number, low: number, high: number, color: string, plot: Rect): void {
  const bottom = Number.isNaN(low) ? plot.bottom : low;
  if (!(bottom > high)) return;
  pen.strokeStyle = color;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(px, Math.min(plot.bottom, bottom));
  pen.lineTo(px, Math.max(plot.top, high));
  for (const at of [bottom, high]) {
    if (at < plot.top - 1 || at > plot.bottom + 1) continue;
    pen.moveTo(px - CAP, at);
    pen.lineTo(px + CAP, at);
  }
  pen.stroke();
}

export function drawBrush(pen: Pen, rect: Rect, theme: ChartTheme): void {
  const width = rect.right - rect.left;
  const height = rect.bottom - rect.top;
  pen.fillStyle = theme.selection;
  pen.fillRect(rect.left, rect.top, width, height);
  pen.strokeStyle = theme.selectionEdge;
  pen.lineWidth = 1;
  pen.strokeRect(rect.left + 0.5, rect.top + 0.5, Math.max(0, width - 1), Math.max(0, height - 1));
}

/** Four pixels as a distance in data around x: a line that ends within it still has a point there. */
export function slackAt({ x: scale }: AxesFrame, x: number): number {
  return Math.abs(scale.invert(scale.of(x) + 4) - x);
}
