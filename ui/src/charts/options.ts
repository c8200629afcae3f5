import { lightTheme } from './theme';
import type { ChartOptions } from './types';
import { sameBounds, sameRange } from './zoom';

export const defaultOptions: ChartOptions = {
  xScale: 'linear',
  yScale: 'linear',
  xKind: 'step',
  xLabel: 'step',
  yLabel: '',
  theme: lightTheme,
  smoothing: { kind: 'none', amount: 0 },
  ignoreOutliers: false,
  curve: 'linear',
  xBounds: null,
  yBounds: null,
  xRange: null,
  yRange: null,
  density: true,
  highlight: 'run',
  drag: 'zoom',
};

/** Names of the options whose values differ, ignoring object identity. */
export function changedOptions(before: ChartOptions, after: ChartOptions): (keyof ChartOptions)[] {
  return (Object.keys(after) as (keyof ChartOptions)[]).filter((name) => !same(name, before, after));
}

function same(name: keyof ChartOptions, a: ChartOptions, b: ChartOptions): boolean {
  if (name === 'xRange' || name === 'yRange') return sameRange(a[name], b[name]);
  if (name === 'xBounds' || name === 'yBounds') return sameBounds(a[name], b[name]);
  if (name === 'smoothing') return a.smoothing.kind === b.smoothing.kind && a.smoothing.amount === b.smoothing.amount;
  return a[name] === b[name];
}
