/** Turns gestures into windows of the data. */
import type { AxesFrame } from './axes';
import { bounded } from './domain';
import type { Brush, Position } from './gestures';
import { makeScale, zoomAround, type Scale } from './scales';
import type { Bounds, ChartOptions, Range, ScaleKind, ZoomRange } from './types';

export const WHOLE: ZoomRange = { x: null, y: null };

const LEAST = 3;

export function zoomOf({ xRange = null, yRange = null }: ChartOptions): ZoomRange {
  return { x: xRange, y: yRange };
}

/** The frame of the next repaint, with the pending zoom, so that quick gestures add up. */
export function presentFrame(frame: AxesFrame, { xRange, yRange, xScale, yScale }: ChartOptions): AxesFrame {
  return {
    ...frame,
    x: xRange ? makeScale(xScale, bounded(frame.x.domain, xRange, xScale), frame.x.range) : frame.x,
    y: yRange ? makeScale(yScale, bounded(frame.y.domain, yRange, yScale), frame.y.range) : frame.y,
  };
}

/** null if the brush is too small. */
export function brushed(rect: Brush, { x, y }: AxesFrame, before: ZoomRange): ZoomRange | null {
  if (rect.right - rect.left < LEAST || rect.bottom - rect.top < LEAST) return null;
  return {
    x: rect.along === 'y' ? before.x : [x.invert(rect.left), x.invert(rect.right)],
    y: rect.along === 'x' ? before.y : [y.invert(rect.bottom), y.invert(rect.top)],
  };
}

/** Zooms x only: y follows the data, or keeps its range. */
export function zoomedAt(at: Position, factor: number, { x }: AxesFrame, before: ZoomRange): ZoomRange {
  return { x: zoomAround(x, x.invert(at.x), factor), y: before.y };
}

export function panned(dx: number, dy: number, { x, y }: AxesFrame, before: ZoomRange): ZoomRange {
  return { x: shiftedRange(x, dx), y: before.y && shiftedRange(y, dy) };
}

function shiftedRange({ range: [a, b], invert }: Scale, by: number): Range {
  return [invert(a - by), invert(b - by)];
}

export function sameRange(a: Range | null | undefined, b: Range | null | undefined): boolean {
  return a === b || (!a && !b) || (!!a && !!b && a[0] === b[0] && a[1] === b[1]);
}

/** Bounds with both ends unset count as no bounds. */
export function sameBounds(a: Bounds | null | undefined, b: Bounds | null | undefined): boolean {
  return (a?.[0] ?? null) === (b?.[0] ?? null) && (a?.[1] ?? null) === (b?.[1] ?? null);
}

/** A window that the scale can show and that is not too small for floating-point pixels. */
export function drawable(range: Range | null, kind: ScaleKind): boolean {
  if (range === null) return true;
  const [low, high] = range;
  if (!(high > low) || !Number.isFinite(high - low) || (kind === 'log' && low <= 0)) return false;
  const { invert } = makeScale(kind, range, [0, 1000]);
  return invert(1) > invert(0) && invert(1000) > invert(999);
}
