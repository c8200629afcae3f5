/** A dashboard while it is edited: its content, and the changes of it. */
import type { Run } from '../../data/result';
import type { Dashboard, DashboardChart, MediaSeries, MediaValue } from '../../wire';
import { METRIC_AXIS } from '../../data/axis';
import type { IconName } from '../../parts/design/Icon';

export type ChartKind = DashboardChart['kind'];

/** A chart with a key that stays while the page is open. */
export interface BoardChart {
  readonly key: string;
  readonly chart: DashboardChart;
}

export interface BoardContent {
  readonly name: string;
  readonly runs: string;
  readonly newest: number;
  readonly charts: readonly BoardChart[];
}

/** The most charts of a dashboard, and how wide and high a chart can be. */
export const MOST_CHARTS = 100;
export const WIDEST = 6;
export const HIGHEST = 6;

interface KindOfChart {
  readonly value: ChartKind;
  readonly label: string;
  readonly icon: IconName;
}

export const KINDS: readonly KindOfChart[] = [
  { value: 'line', label: 'Line chart', icon: 'axis' },
  { value: 'bar', label: 'Bar chart', icon: 'bars' },
  { value: 'scatter', label: 'Scatter plot', icon: 'grid' },
  { value: 'parallel', label: 'Parallel coordinates', icon: 'wave' },
  { value: 'number', label: 'Number', icon: 'sort' },
  { value: 'image', label: 'Images', icon: 'picture' },
  { value: 'text', label: 'Text', icon: 'text' },
  { value: 'figure', label: 'Figures', icon: 'axis' },
  { value: 'table', label: 'Table', icon: 'table' },
];

export const iconOf = (kind: ChartKind): IconName => KINDS.find(({ value }) => value === kind)?.icon ?? 'axis';

/** Kinds that show the latest media of runs, and what these are called. */
export const MEDIA = { image: 'images', text: 'texts', figure: 'figures', table: 'tables' } as const;
export type MediaChartKind = keyof typeof MEDIA;
export const isMedia = (kind: ChartKind): kind is MediaChartKind => Object.hasOwn(MEDIA, kind);

/** The latest values of a series. */
export interface RunMediaValues {
  readonly run: Run;
  readonly series: MediaSeries;
  readonly values: readonly MediaValue[];
}

const SIZES: Readonly<Record<ChartKind, readonly [width: number, height: number]>> = {
  line: [2, 2],
  bar: [2, 2],
  scatter: [2, 2],
  parallel: [6, 3],
  number: [1, 1],
  image: [3, 2],
  text: [2, 2],
  figure: [3, 4],
  table: [6, 3],
};

export function newChart(kind: ChartKind): DashboardChart {
  const [width, height] = SIZES[kind];
  return {
    kind,
    title: '',
    metrics: [],
    axes: [],
    where: '',
    value: 'last',
    text: '',
    x: 'step',
    x_scale: 'auto',
    y_scale: 'auto',
    x_range: [null, null],
    y_range: [null, null],
    smoothing: 0,
    ignore_outliers: false,
    width,
    height,
  };
}

const plainAxis = (axis: string): string => (axis.startsWith(METRIC_AXIS) ? axis.slice(METRIC_AXIS.length) : axis);

/** What a chart is called: its title, or what it shows. */
export function titleOf({ kind, title, metrics, axes, text, value }: DashboardChart): string {
  if (title) return title;
  if (kind === 'scatter') return axes.map(plainAxis).reverse().join(' over ') || 'Scatter plot';
  if (kind === 'parallel') return axes.map(plainAxis).join(', ') || 'Parallel coordinates';
  if (kind === 'text' && text)
    return (
      text
        .trim()
        .split('\n', 1)[0]
        ?.replace(/^#+\s*/, '')
        .slice(0, 80) || 'Text'
    );
  const names = metrics.join(', ');
  if (kind === 'number' || kind === 'bar') return names ? `${names} (${value})` : 'No metric';
  return names || KINDS.find((item) => item.value === kind)?.label || kind;
}

/** The metrics whose points a chart needs. */
export function metricsOf({ kind, metrics, axes }: DashboardChart): readonly string[] {
  if (kind === 'line' || kind === 'bar' || kind === 'number') return metrics;
  if (kind === 'scatter' || kind === 'parallel')
    return axes.filter((axis) => axis.startsWith(METRIC_AXIS)).map(plainAxis);
  return [];
}

/** What is missing for the chart to show something; null if nothing is. */
export function lacking({ kind, metrics, axes, text }: DashboardChart): string | null {
  if (kind === 'scatter') return axes.length === 2 ? null : 'Choose two axes.';
  if (kind === 'parallel') return axes.length >= 2 ? null : 'Choose two axes or more.';
  if (kind === 'text')
    return metrics.length > 0 || text.trim() !== '' ? null : 'Write a text, or choose tracked texts.';
  if (isMedia(kind)) return metrics.length > 0 ? null : `Choose the ${MEDIA[kind]}.`;
  return metrics.length > 0 ? null : 'Choose a metric.';
}

/** The chart at `from` in front of the place `to`. */
export function moved<T>(items: readonly T[], from: number, to: number): readonly T[] {
  const item = items[from];
  if (item === undefined) return items;
  const rest = items.filter((_, at) => at !== from);
  const place = Math.max(0, Math.min(rest.length, to));
  return [...rest.slice(0, place), item, ...rest.slice(place)];
}

const within = (value: number, most: number): number => Math.max(1, Math.min(most, value));

export const resized = (chart: DashboardChart, width: number, height: number): DashboardChart => ({
  ...chart,
  width: within(width, WIDEST),
  height: within(height, HIGHEST),
});

let made = 0;
export const newKey = (): string => `chart ${made++}`;

/** The content of a saved dashboard. Charts that did not change keep their keys. */
export function contentOf({ name, runs, newest, charts }: Dashboard, before?: BoardContent): BoardContent {
  const keys = new Map<string, string[]>();
  for (const { key, chart } of before?.charts ?? []) {
    const text = JSON.stringify(chart);
    keys.set(text, [...(keys.get(text) ?? []), key]);
  }
  const keyOf = (chart: DashboardChart): string => keys.get(JSON.stringify(chart))?.shift() ?? newKey();
  return { name, runs, newest, charts: charts.map((chart) => ({ key: keyOf(chart), chart })) };
}

/** Whether two are the same for everyone who opens the dashboard. */
export const sameContent = (a: BoardContent, b: BoardContent): boolean =>
  a === b ||
  (a.name === b.name &&
    a.runs === b.runs &&
    a.newest === b.newest &&
    JSON.stringify(a.charts.map(({ chart }) => chart)) === JSON.stringify(b.charts.map(({ chart }) => chart)));
