/** Everything about the explorer that another person should see when they open the link: one object, written to and read from the URL. */
import type { AreaMethod, LineMethod } from '../../stats';
import type { Range, XAxis } from '../../data/axis';

export type Channel = 'color' | 'stroke' | 'chart';
export interface SortKey {
  column: string;
  descending: boolean;
}
/** Ends of an axis that are set by hand; null follows the data. */
export type Bounds = readonly [number | null, number | null];
/** One horizontal window for all charts, so that they stay comparable; a vertical one belongs to the chart it was drawn in. */
export interface Zoom {
  x: Range | null;
  chart: string | null;
  y: Range | null;
}
/** A point that is held: the nearest to x of the line of this key. */
export interface PinnedPoint {
  key: string;
  x: number;
}
export type PaletteChoice = 'auto' | 'eight' | 'many';
export type Lit = 'run' | 'metric' | 'none';
export type Drag = 'zoom' | 'once' | 'pan';
export type TipPlace = 'near' | 'top' | 'bottom' | 'off';
export type RowHeight = 'small' | 'medium' | 'large';

export interface View {
  /** null: nothing was searched yet. */
  q: string | null;
  color: readonly string[];
  stroke: readonly string[];
  chart: readonly string[];
  /** Channels that group by every param except the chosen ones. */
  allBut: readonly string[];
  /** Channels whose fields are kept, but do not count. */
  off: readonly string[];
  /** Channels in which a value looks the same in every query. */
  keep: readonly string[];
  seed: number;
  palette: PaletteChoice;
  /** Lines of equal color, stroke and chart are drawn as one. */
  group: boolean;
  line: LineMethod;
  area: AreaMethod;
  /** Keys of the groups whose lines are listed. */
  open: readonly string[];
  x: XAxis;
  logX: boolean;
  logY: boolean;
  xEnds: Bounds;
  yEnds: Bounds;
  smooth: number;
  /** Points of a centered moving average; 1 is none. */
  average: number;
  curve: boolean;
  /** Leave outliers outside of the drawn y range. */
  clip: boolean;
  /** The windows zoomed into, one after the other; the last one is shown. */
  zoom: readonly Zoom[];
  pin: PinnedPoint | null;
  /** What dragging in a chart does: zoom each time, zoom once and then move the window, or move it. */
  drag: Drag;
  lit: Lit;
  /** Fields in the tooltip; null: those in which the runs differ. */
  tip: readonly string[] | null;
  tipAt: TipPlace;
  sort: readonly SortKey[];
  find: string;
  diff: boolean;
  /** Numbers on the colors of their column's scale: in all columns, and in which it is the other way round. */
  scale: boolean;
  scaled: readonly string[];
  /** Ids of columns. */
  without: readonly string[];
  left: readonly string[];
  right: readonly string[];
  /** The columns that come first, in this order; the others follow as they are. */
  order: readonly string[];
  widths: readonly (readonly [column: string, width: number])[];
  rows: RowHeight;
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
  allBut: [],
  off: [],
  keep: [],
  seed: 0,
  palette: 'auto',
  group: false,
  line: 'mean',
  area: 'minmax',
  open: [],
  x: 'step',
  logX: false,
  logY: false,
  xEnds: [null, null],
  yEnds: [null, null],
  smooth: 0,
  average: 1,
  curve: false,
  clip: false,
  zoom: [],
  pin: null,
  drag: 'zoom',
  lit: 'run',
  tip: null,
  tipAt: 'near',
  sort: [],
  find: '',
  diff: false,
  scale: false,
  scaled: [],
  without: [],
  left: [],
  right: [],
  order: [],
  widths: [],
  rows: 'medium',
  hidden: [],
  solo: null,
  legend: true,
  split: 0.6,
};

export const shownZoom = (view: Pick<View, 'zoom'>): Zoom | null => view.zoom[view.zoom.length - 1] ?? null;

/** The part of a view that belongs to one query's data and makes no sense for the next query. */
export const FRESH: Partial<View> = { zoom: [], hidden: [], solo: null, open: [], pin: null };
