/** A text version of the chart for screen readers. */
import { formatX } from './axes';
import { formatValue } from './format';
import type { ChartOptions, Hover, Line } from './types';
import type { ChartView } from './view';

const KEYS = 'Arrow keys move between points and lines, plus and minus zoom, Escape releases.';

export function summary({ traces, frame }: ChartView, { xKind, xLabel, yLabel }: ChartOptions): string {
  const [x0, x1] = frame.x.domain.map((value) => formatX(value, xKind, frame.x));
  const [y0, y1] = frame.y.domain.map((value) => formatValue(value, 3));
  const lines = `${traces.length} line${traces.length === 1 ? '' : 's'}`;
  return `${yLabel || 'Line chart'}: ${lines}, ${xLabel || xKind} ${x0} to ${x1}, values ${y0} to ${y1}. ${KEYS}`;
}

export function spoken(line: Line, hover: Hover, { frame }: ChartView, { xKind, xLabel }: ChartOptions): string {
  const { low, high, count } = hover;
  const area = low === undefined || high === undefined ? '' : `, from ${formatValue(low)} to ${formatValue(high)}`;
  const of = count === undefined ? '' : `, of ${count}`;
  return `${line.label}: ${formatValue(hover.y)}${area}${of} at ${xLabel || xKind} ${formatX(hover.x, xKind, frame.x)}`;
}

/** An invisible element that screen readers announce when its text changes. */
export function addStatus(host: HTMLElement): HTMLElement {
  const status = document.createElement('div');
  status.setAttribute('role', 'status');
  const unseen = { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' };
  Object.assign(status.style, unseen);
  host.append(status);
  return status;
}
