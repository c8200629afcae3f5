/** Strokes lines, and chooses the stroke: wide for few lines, hairlines for many. */
import type { AxesFrame } from './axes';
import { marksOf, type Mark } from './marks';
import { inside } from './nearest';
import { lonePoints, tracePath, type PathPen } from './path';
import type { Pen } from './pen';
import type { Band, Trace } from './trace';
import type { Pixels } from './scales';
import type { ChartTheme, Rect } from './types';

export const LINE_WIDTH = 1.5;
const DOT_RADIUS = 2.5;

export interface StrokeStyle {
  /** One device pixel for every line: about twenty times cheaper than a wide stroke in a software renderer. */
  readonly hairlines: boolean;
  readonly alpha: number;
}

/** Measures a path instead of drawing it. */
class CachedRuler {
  segments = 0;
  length = 0;
  private x = 0;
  private y = 0;

  moveTo(x: number, y: number): void {
    this.x = x;
    this.y = y;
  }

  lineTo(x: number, y: number): void {
    this.segments++;
    this.length += Math.min(2000, Math.abs(x - this.x)) + Math.min(2000, Math.abs(y - this.y));
    this.moveTo(x, y);
  }
}

interface LineInk {
  readonly segments: number;
  readonly length: number;
}

const known = new WeakMap<Trace, LineInk>();

function inkOf(trace: Trace, ratio: number): LineInk {
  let ink = known.get(trace);
  if (!ink) {
    ink = isDense(trace, ratio) ? ruled(trace, ratio) : summed(trace);
    known.set(trace, ink);
  }
  return ink;
}

function isDense({ path: { px } }: Trace, ratio: number): boolean {
  return px.length > 2 * ratio * Math.abs((px[px.length - 1] ?? NaN) - (px[0] ?? NaN));
}

function ruled(trace: Trace, ratio: number): LineInk {
  const ruler = new CachedRuler();
  tracePath(ruler, trace.path.px, trace.path.py, 1 / ratio);
  return ruler;
}

/** The same for a line with few points per column, without a pen. */
function summed({ path: { px, py } }: Trace): LineInk {
  let length = 0;
  for (let i = 1; i < px.length; i++) {
    const d = Math.abs((px[i] ?? NaN) - (px[i - 1] ?? NaN)) + Math.abs((py[i] ?? NaN) - (py[i - 1] ?? NaN));
    length += d < 2000 ? d : d === d ? 2000 : 0;
  }
  return { segments: px.length, length };
}

const DASHED = 2.5;

/** The cost of stroking in software, in milliseconds per segment and per device pixel of length. Measured; only a guide. */
export function strokeCost(trace: Trace, ratio: number, hairline: boolean): number {
  const { segments, length } = inkOf(trace, ratio);
  const plain = hairline ? segments * 1.5e-4 + length * ratio * 6e-6 : segments * 1e-3 + length * ratio * 2e-4;
  return trace.line.dash.length ? plain * DASHED : plain;
}

export function styleFor(traces: readonly Trace[], ratio: number, budget: number): StrokeStyle {
  let cost = 0;
  for (const trace of traces) if ((cost += strokeCost(trace, ratio, false)) > budget) break;
  return { hairlines: cost > budget, alpha: alphaFor(traces.length) };
}

function alphaFor(count: number): number {
  if (count <= 12) return 1;
  return Math.max(0.4, 1 - Math.log10(count / 12) * 0.24);
}

/** To the plot, and as far left and right of it as a dot at the end of x reaches: lines are cut at the ends. */
export function clipTo(pen: Pen, plot: Rect): void {
  pen.beginPath();
  const width = plot.right - plot.left + 2 * DOT_RADIUS;
  pen.rect(plot.left - DOT_RADIUS, plot.top - 1, width, plot.bottom - plot.top + 1.5);
  pen.clip();
}

/** Strokes a line and dots its lone points; the pen is already clipped to the plot. */
export function drawTrace(pen: Pen, trace: Trace, style: StrokeStyle, ratio: number, extraWidth = 0): void {
  const { line } = trace;
  const { px, py } = trace.path;
  pen.strokeStyle = line.color;
  pen.globalAlpha = style.alpha * (line.faint ? 0.3 : 1);
  pen.lineWidth = style.hairlines ? 1 / ratio : (line.width ?? LINE_WIDTH) + extraWidth;
  pen.lineJoin = style.hairlines ? 'bevel' : 'round';
  pen.lineCap = 'butt';
  pen.setLineDash(line.dash as number[]);
  pen.beginPath();
  tracePath(pen, px, py, 1 / ratio);
  pen.stroke();
  const alone = lonePoints(px, py);
  if (alone.length === 0) return;
  pen.fillStyle = line.color;
  for (const i of alone) dot(pen, px[i] ?? NaN, py[i] ?? NaN, DOT_RADIUS);
}

const AREA = 0.18;

/** Fills the area of a line; the pen is already clipped to the plot. */
export function drawBand(pen: Pen, { line, band }: Trace, ratio: number, alpha = AREA): void {
  if (!band) return;
  pen.fillStyle = line.color;
  pen.globalAlpha = alpha;
  for (const [from, to] of runsOf(band)) {
    if (to - from === 1) fillAlone(pen, band, from);
    else fillRun(pen, band, from, to, 1 / ratio);
  }
}

/** The more areas overlap, the fainter each is. */
export function areaAlpha(count: number): number {
  return Math.max(0.06, AREA / Math.max(1, Math.sqrt(count / 4)));
}

/** Ranges [from, to) in which both edges are visible. */
function runsOf({ low, high }: Band): [number, number][] {
  const runs: [number, number][] = [];
  for (let i = 0; i < low.py.length; i++) {
    if (Number.isNaN((low.px[i] ?? NaN) + (low.py[i] ?? NaN) + (high.py[i] ?? NaN))) continue;
    const last = runs.at(-1);
    if (last?.[1] === i) last[1] = i + 1;
    else runs.push([i, i + 1]);
  }
  return runs;
}

function fillRun(pen: Pen, { low, high }: Band, from: number, to: number, column: number): void {
  const edge = ({ px, py }: Pixels, into: PathPen) =>
    tracePath(into, px.subarray(from, to), py.subarray(from, to), column);
  const below: [number, number][] = [];
  const keep = (x: number, y: number) => void below.push([x, y]);
  edge(low, { moveTo: keep, lineTo: keep });
  pen.beginPath();
  edge(high, pen);
  for (const [x, y] of below.reverse()) pen.lineTo(x, y);
  pen.closePath();
  pen.fill();
}

function fillAlone(pen: Pen, { low, high }: Band, at: number): void {
  const top = high.py[at] ?? NaN;
  pen.fillRect((low.px[at] ?? NaN) - DOT_RADIUS, top, DOT_RADIUS * 2, (low.py[at] ?? NaN) - top);
}

export function dot(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.fill();
}

/** A dot with a rim in the background color, so that it is visible above other lines. */
export function ringedDot(pen: Pen, x: number, y: number, radius: number, color: string, theme: ChartTheme): void {
  pen.fillStyle = theme.background;
  dot(pen, x, y, radius + 1.5);
  pen.fillStyle = color;
  dot(pen, x, y, radius);
}

/** The last drawn point of a running line, if it is in the plot. */
export function livePoint({ line, px, py, from }: Trace, plot: Rect): { x: number; y: number } | null {
  if (!line.live) return null;
  for (let i = px.length - 1; i >= 0; i--) {
    const x = px[i] ?? NaN;
    const y = py[i] ?? NaN;
    if (x !== x || y !== y) continue;
    const last = from + px.length === line.x.length;
    return last && inside(x, y, plot) ? { x, y } : null;
  }
  return null;
}

const MARK_SIZE = 4;

/** Marks for values that the axis cannot show, once per place, kind and color. */
export function drawMarks(pen: Pen, traces: readonly Trace[], frame: AxesFrame, theme: ChartTheme): void {
  const drawn = new Set<string>();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  for (const trace of traces) {
    if (trace.line.faint) continue;
    for (const mark of marksOf(trace, frame.x, frame.y)) {
      const place = `${mark.kind} ${Math.round(mark.from / 2)} ${Math.round(mark.to / 2)} ${trace.line.color}`;
      if (drawn.has(place)) continue;
      drawn.add(place);
      drawMark(pen, mark, trace.line.color, frame.plot, theme);
    }
  }
}

function drawMark(pen: Pen, { kind, from, to }: Mark, color: string, plot: Rect, theme: ChartTheme): void {
  const top = kind === '+inf';
  const at = top ? plot.top + MARK_SIZE : plot.bottom - MARK_SIZE - 1;
  pen.lineWidth = 1.5;
  pen.strokeStyle = color;
  pen.fillStyle = kind === 'nonpositive' ? theme.background : color;
  if (to - from > MARK_SIZE * 2) {
    pen.globalAlpha = 0.45;
    pen.beginPath();
    pen.moveTo(from, at);
    pen.lineTo(to, at);
    pen.stroke();
    pen.globalAlpha = 1;
  }
  pen.beginPath();
  if (kind === 'nan') cross(pen, from, at);
  else triangle(pen, from, at, top ? -MARK_SIZE : MARK_SIZE);
  if (kind !== 'nan') pen.fill();
  if (kind === 'nan' || kind === 'nonpositive') pen.stroke();
}

function cross(pen: Pen, x: number, y: number): void {
  const r = MARK_SIZE - 0.5;
  pen.moveTo(x - r, y - r);
  pen.lineTo(x + r, y + r);
  pen.moveTo(x + r, y - r);
  pen.lineTo(x - r, y + r);
}

/** Points up for a negative height. */
function triangle(pen: Pen, x: number, y: number, height: number): void {
  pen.moveTo(x, y + height);
  pen.lineTo(x - MARK_SIZE, y - height);
  pen.lineTo(x + MARK_SIZE, y - height);
  pen.closePath();
}
