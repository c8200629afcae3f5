/** Everything about the explorer that another person should see when they open the link: one object, written to and read from the URL. */

export type XAxis = 'step' | 'epoch' | 'relative' | 'time';
export interface SortKey {
  column: string;
  descending: boolean;
}
export type Range = readonly [number, number];
/** One horizontal window for all charts, so that they stay comparable; a vertical one belongs to the chart it was drawn in. */
export interface Zoom {
  x: Range | null;
  chart: string | null;
  y: Range | null;
}

export interface View {
  /** null: nothing was searched yet. */
  q: string | null;
  color: readonly string[];
  stroke: readonly string[];
  chart: readonly string[];
  x: XAxis;
  logX: boolean;
  logY: boolean;
  smooth: number;
  /** Leave outliers outside of the drawn y range. */
  clip: boolean;
  zoom: Zoom | null;
  sort: readonly SortKey[];
  find: string;
  diff: boolean;
  /** Keys of series and of legend groups that are not drawn. */
  hidden: readonly string[];
  /** The legend group that alone is drawn. */
  solo: string | null;
  legend: boolean;
  /** Part of the height that the charts take. */
  split: number;
}

export const DEFAULT_VIEW: View = {
  q: null,
  color: ['run.hash'],
  stroke: ['context.subset'],
  chart: ['metric.name'],
  x: 'step',
  logX: false,
  logY: false,
  smooth: 0,
  clip: false,
  zoom: null,
  sort: [],
  find: '',
  diff: false,
  hidden: [],
  solo: null,
  legend: true,
  split: 0.6,
};

export const X_AXES: readonly { value: XAxis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'relative', label: 'Relative time' },
  { value: 'time', label: 'Absolute time' },
];

/** The part of a view that belongs to one query's data and makes no sense for the next query. */
export const FRESH: Partial<View> = { zoom: null, hidden: [], solo: null };
