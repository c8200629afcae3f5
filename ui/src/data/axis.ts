/** The x axis of series: steps, epochs, time, or another metric. */

export type XAxis = 'step' | 'epoch' | 'relative' | 'process' | 'time' | `metric:${string}`;
export type Interval = readonly [number, number];

export const X_AXES: readonly { value: XAxis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'relative', label: 'Relative time' },
  { value: 'process', label: 'Process time' },
  { value: 'time', label: 'Absolute time' },
];

export const METRIC_AXIS = 'metric:';

/** The metric of a metric axis, or null. */
export const axisMetric = (x: XAxis): string | null => (x.startsWith(METRIC_AXIS) ? x.slice(METRIC_AXIS.length) : null);

export const axisLabel = (x: XAxis): string => X_AXES.find((axis) => axis.value === x)?.label ?? axisMetric(x) ?? x;

/** How a chart writes the values of an axis. */
export const axisKind = (x: XAxis): 'step' | 'epoch' | 'relative' | 'time' | 'value' =>
  axisMetric(x) !== null
    ? 'value'
    : x === 'process'
      ? 'relative'
      : (x as Exclude<XAxis, 'process' | `metric:${string}`>);
