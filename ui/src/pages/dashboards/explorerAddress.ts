/** The explorer with the query of a chart; null for a chart that none of them shows. */
import { serialize } from '../../explorer/view/url';
import { DEFAULT_VIEW } from '../../explorer/view/view';
import { href } from '../../parts/address';
import { metricWords } from '../../text/words';
import type { DashboardChart } from '../../wire';
import { conditionOn } from '../home/runList';
import { xAxisOf } from './boardCurves';

export function explorerAddress(
  chart: DashboardChart,
  runs: readonly string[],
  sources: readonly string[],
): string | null {
  const { kind, metrics, where, x_scale, y_scale, x_range, y_range, smoothing, ignore_outliers } = chart;
  if (runs.length === 0 || kind === 'image' || kind === 'text') return null;
  const on = conditionOn(runs);
  const condition = where.trim() ? `${on} and (${where})` : on;
  if (kind === 'scatter' || kind === 'parallel') {
    return href(kind === 'scatter' ? 'scatter' : 'params', { q: on });
  }
  if (metrics.length === 0) return null;
  const words = metrics.map((name) => metricWords(name, sources)).join(', ');
  return serialize({
    ...DEFAULT_VIEW,
    q: `${words} if ${condition}`,
    x: xAxisOf(chart.x),
    logX: x_scale === 'log',
    logY: y_scale === 'auto' ? null : y_scale === 'log',
    xEnds: x_range,
    yEnds: y_range,
    smooth: smoothing,
    clip: ignore_outliers,
  });
}
