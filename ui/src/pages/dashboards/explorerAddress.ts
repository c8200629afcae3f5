/** The explorer with the query of a chart; null for a chart that none of them shows. */
import { METRIC_AXIS } from '../../data/axis';
import type { Series } from '../../data/result';
import { ANY_CONTEXT } from '../../explorer/fields';
import { serialize } from '../../explorer/view/url';
import { DEFAULT_VIEW, type View } from '../../explorer/view/view';
import { href } from '../../parts/address';
import { metricWords } from '../../text/words';
import type { DashboardChart } from '../../wire';
import { conditionOn } from '../home/runList';
import { metricColumnId, PARAM } from '../runs/columnIds';
import { measuredAs } from '../runs/measured';
import { isMedia } from './board';
import { xAxisOf } from './boardCurves';
import { contextOfAxis } from './values';

/** `series`: of the chart, as far as they are loaded. */
export function explorerAddress(
  chart: DashboardChart,
  runs: readonly string[],
  sources: readonly string[],
  series: readonly Series[],
): string | null {
  const { kind, axes } = chart;
  if (runs.length === 0 || isMedia(kind)) return null;
  if (kind === 'scatter' || kind === 'parallel') {
    const ids = axes.map((axis) => columnIdOf(axis, chart, series));
    const q = conditionOn(runs);
    return kind === 'scatter' ? href('scatter', { q, px: ids[0], py: ids[1] }) : href('params', { q, axis: ids });
  }
  const q = queryOf(chart, runs, sources);
  return q === null ? null : serialize({ ...viewOf(chart), q });
}

function columnIdOf(axis: string, { value }: DashboardChart, series: readonly Series[]): string {
  if (!axis.startsWith(METRIC_AXIS)) return PARAM + axis;
  const name = axis.slice(METRIC_AXIS.length);
  const context = series.find((item) => item.name === name && item.contextText === contextOfAxis(series, name));
  return metricColumnId(measuredAs(name, context?.context ?? {}).id, value);
}

/** The query of a chart's series; null while no runs are shown. */
export function queryOf(
  { metrics, where }: DashboardChart,
  runs: readonly string[],
  sources: readonly string[],
): string | null {
  if (runs.length === 0 || metrics.length === 0) return null;
  const words = metrics.map((name) => metricWords(name, sources)).join(', ');
  const on = conditionOn(runs);
  return `${words} if ${where.trim() ? `${on} and (${where})` : on}`;
}

/** The view of the metrics explorer that looks like a chart. */
export function viewOf({ metrics, x, x_scale, y_scale, x_range, y_range, ...chart }: DashboardChart): View {
  return {
    ...DEFAULT_VIEW,
    ...(metrics.length > 1 && { stroke: ['metric.name', ANY_CONTEXT], chart: [] }),
    x: xAxisOf(x),
    logX: x_scale === 'log',
    logY: y_scale === 'auto' ? null : y_scale === 'log',
    xEnds: x_range,
    yEnds: y_range,
    smooth: chart.smoothing,
    clip: chart.ignore_outliers,
  };
}

/** A chart with the axes and the smoothing of such a view. */
export function withView(chart: DashboardChart, { x, logX, logY, xEnds, yEnds, smooth, clip }: View): DashboardChart {
  const scale = (log: boolean | null): DashboardChart['y_scale'] => (log === null ? 'auto' : log ? 'log' : 'linear');
  return {
    ...chart,
    x,
    x_scale: logX === (chart.x_scale === 'log') ? chart.x_scale : scale(logX),
    y_scale: scale(logY),
    x_range: [...xEnds],
    y_range: [...yEnds],
    smoothing: smooth,
    ignore_outliers: clip,
  };
}
