/**
 * Everything to repaint a line chart, computed from lines, options and size: scales, ticks, pixels. Pure except for
 * measuring text.
 */
import { leftMargin, plotRect, xTicksFor, yTicksFor, type AxesFrame } from './axes';
import { apart, isCrowd } from './density/density';
import { bounded, padded, xExtent, yExtent } from './domain';
import { styleFor, type StrokeStyle } from './draw';
import type { Pen } from './pen';
import { makeScale, type Scale } from './scales';
import { smooths } from './smooth';
import { makeTrace, shownArea, shownLine, type Trace } from './trace';
import type { ChartOptions, Line, Rect } from './types';

export interface Size {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

export interface ChartView {
  readonly frame: AxesFrame;
  readonly traces: readonly Trace[];
  /** Those of `traces` that are drawn as their density, and those that are stroked. */
  readonly crowd: readonly Trace[];
  readonly single: readonly Trace[];
  /** The raw values behind smoothed lines, faint. */
  readonly raw: readonly Trace[];
  readonly style: StrokeStyle;
  readonly notes: readonly string[];
}

/** With more lines than this, raw lines are hidden; the highlighted line still shows its own. */
const RAW_BEHIND = 60;
/** Estimated milliseconds of wide strokes before all lines become hairlines. */
const WIDE_BUDGET = 60;

export function makeView(lines: readonly Line[], options: ChartOptions, size: Size, pen: Pen): ChartView {
  const drawn = lines.filter((line) => !line.hidden);
  const dense = options.density && isCrowd(drawn);
  const noted = options.ignoreOutliers || options.xScale === 'log' || dense;
  const rough = plotRect(size.width, size.height, { ...options, noted });
  const values = drawn.map((line) => ({
    line,
    x: line.x,
    y: shownLine(line, options.smoothing),
    area: shownArea(line, options.smoothing),
  }));
  const edges = values.flatMap(({ x, area }) => (area ? [area.low, area.high] : []).map((y) => ({ x, y })));
  const behind = smooths(options.smoothing) && drawn.length <= RAW_BEHIND ? drawn : [];
  const xWhole = padded(xExtent(drawn, options.xScale), options.xScale, drawn.length && isPoint(drawn) ? 0.5 : 0);
  const xDomain = bounded(bounded(xWhole, options.xBounds, options.xScale), options.xRange, options.xScale);
  const extent = yExtent([...values, ...behind, ...edges], xDomain, options.yScale, options.ignoreOutliers);
  const yWhole = bounded(padded(extent, options.yScale, 0.05), options.yBounds, options.yScale);
  const yDomain = bounded(yWhole, options.yRange, options.yScale);
  const yScale = (plot: { bottom: number; top: number }) => makeScale(options.yScale, yDomain, [plot.bottom, plot.top]);
  const plot = plotRect(
    size.width,
    size.height,
    { ...options, noted },
    leftMargin(pen, yTicksFor(yScale(rough), rough), options.theme),
  );
  const y = yScale(plot);
  const x = makeScale(options.xScale, xDomain, [plot.left, plot.right]);
  const frame: AxesFrame = {
    ...size,
    plot,
    x,
    y,
    xTicks: xTicksFor(x, plot, options.xKind),
    yTicks: yTicksFor(y, plot),
  };
  const curved = options.curve === 'monotone' && !dense;
  const traces = values.map(({ line, y: shown, area }) => makeTrace(line, x, y, shown, { curved, area }));
  const raw = behind.map((line) => rawTrace(line, x, y, options));
  const { crowd, single } = dense ? apart(traces) : { crowd: [], single: traces };
  const style = styleFor([...raw, ...single], size.ratio, WIDE_BUDGET);
  return { frame, traces, crowd, single, raw, style, notes: notesOn(traces, crowd, frame, options) };
}

export function rawTrace(line: Line, x: Scale, y: Scale, { curve }: ChartOptions): Trace {
  return makeTrace({ ...line, faint: true, live: false, dash: [] }, x, y, line.y, { curved: curve === 'monotone' });
}

function isPoint(lines: readonly Line[]): boolean {
  const first = lines[0]?.x[0];
  return lines.every((line) => line.x.every((value) => value === first));
}

/** What is not drawn, or otherwise, in words. */
function notesOn(
  traces: readonly Trace[],
  crowd: readonly Trace[],
  { plot }: AxesFrame,
  options: ChartOptions,
): string[] {
  const beyond = options.ignoreOutliers && !options.yRange ? countBeyond(traces, plot) : 0;
  const dropped = options.xScale === 'log' ? countNotPositive(traces) : 0;
  const notes: string[] = [];
  if (crowd.length) notes.push(`density of ${crowd.length.toLocaleString('en-US')} lines`);
  if (beyond) notes.push(`${beyond} outlier${beyond > 1 ? 's' : ''} off the scale`);
  if (dropped) notes.push(`${dropped} point${dropped > 1 ? 's' : ''} at x ≤ 0`);
  return notes;
}

function countBeyond(traces: readonly Trace[], plot: Rect): number {
  let count = 0;
  for (const { px, py } of traces) {
    for (let i = 0; i < py.length; i++) {
      const x = px[i] ?? NaN;
      const y = py[i] ?? NaN;
      const within = x >= plot.left - 0.5 && x <= plot.right + 0.5;
      if (within && (y < plot.top - 0.5 || y > plot.bottom + 0.5)) count++;
    }
  }
  return count;
}

function countNotPositive(traces: readonly Trace[]): number {
  let count = 0;
  for (const { line } of traces) for (const x of line.x) if (x <= 0) count++;
  return count;
}
