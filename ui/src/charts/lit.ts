/** The highlighted lines, and how they are drawn above the dimmed others. */
import { clipTo, drawBand, drawMarks, drawTrace, strokeCost, styleFor } from './draw';
import type { Pen } from './pen';
import { smooths } from './smooth';
import type { Trace } from './trace';
import type { ChartOptions } from './types';
import { rawTrace, type ChartView } from './view';

/** Estimated milliseconds allowed for highlighted lines, with wide strokes and in total. */
const WIDE = 12;
const MOST = 40;

/** The requested highlight: by the pointer or the pin, else from outside. */
export interface Focus {
  readonly key: string | null;
  readonly run: string | null;
}

export interface LitTraces {
  readonly traces: readonly Trace[];
  readonly focused: Trace | null;
  readonly dims: boolean;
}

/** `asked`: the page requests the highlight, which dims the others even if hovering does not. */
export function findLit(
  view: ChartView,
  focus: Focus,
  highlight: ChartOptions['highlight'],
  asked: boolean,
): LitTraces {
  const focused = view.traces.find((trace) => trace.line.key === focus.key) ?? null;
  if (highlight === 'none' && !asked) return { traces: focused ? [focused] : [], focused, dims: false };
  const run = highlight === 'run' ? (focused?.line.run ?? focus.run) : null;
  const mates = view.traces.filter((trace) => trace === focused || (run !== null && trace.line.run === run));
  const cost = mates.reduce((sum, trace) => sum + strokeCost(trace, view.frame.ratio, true), 0);
  const traces = cost > MOST && focused ? [focused] : mates;
  return { traces, focused, dims: traces.length > 0 && traces.length < view.traces.length };
}

export function drawLit(pen: Pen, { traces, focused }: LitTraces, view: ChartView, options: ChartOptions): void {
  const { frame } = view;
  const style = { ...styleFor(traces, frame.ratio, WIDE), alpha: 1 };
  pen.save();
  clipTo(pen, frame.plot);
  for (const trace of traces) drawBand(pen, trace, frame.ratio);
  if (focused && smooths(options.smoothing)) {
    const raw = rawTrace(focused.line, frame.x, frame.y, options);
    drawTrace(pen, raw, styleFor([raw], frame.ratio, WIDE), frame.ratio);
  }
  for (const trace of traces) if (trace !== focused) drawTrace(pen, trace, style, frame.ratio);
  if (focused) drawTrace(pen, focused, styleFor([focused], frame.ratio, WIDE), frame.ratio, 0.75);
  pen.restore();
  drawMarks(pen, traces, frame, options.theme);
}
