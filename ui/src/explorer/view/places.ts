/**
 * Charts and lines in links, named by what is known before there is an answer: a chart by its position, a line by its
 * run's hash, metric and context. The answer gives them their current keys.
 */
import type { ZoomRange } from '../../charts';
import { shortKey, type Series } from '../../data/result';
import type { PinnedPoint, Zoom } from './view';

const CHART = '#';
const LINE = '@';

export const chartAt = (place: number): string => `${CHART}${place}`;
export const lineNamed = (hash: string, metric: string, context: string): string =>
  LINE + shortKey(`${hash}\n${metric}\n${context}`);

/** The zoom with the key of its chart; without y if there is no such chart. */
export function zoomPlaced(zoom: Zoom | null, charts: readonly { readonly key: string }[]): Zoom | null {
  if (!zoom?.chart?.startsWith(CHART)) return zoom;
  const key = charts[Number(zoom.chart.slice(CHART.length))]?.key ?? null;
  return { ...zoom, chart: key, y: key === null ? null : zoom.y };
}

/** The pin with the key of its line; null if the answer has no such line. */
export function pinPlaced(pin: PinnedPoint | null, series: readonly Series[]): PinnedPoint | null {
  if (!pin?.key.startsWith(LINE)) return pin;
  const line = series.find((item) => lineNamed(item.run.hash, item.name, item.contextText) === pin.key);
  return line ? { ...pin, key: line.key } : null;
}

/** A brush is not more precise than this, which keeps links readable. */
const shortRange = (range: ZoomRange['x']): ZoomRange['x'] =>
  range && [Number(range[0].toPrecision(12)), Number(range[1].toPrecision(12))];

/** The history of windows after one more was chosen in a chart; none after a reset. */
export function zoomedTo(history: readonly Zoom[], chart: string, window: ZoomRange): readonly Zoom[] {
  const [x, y] = [shortRange(window.x), shortRange(window.y)];
  return x || y ? [...history, { x, y, chart: y ? chart : null }] : [];
}
