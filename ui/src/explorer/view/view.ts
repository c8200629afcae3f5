/** Everything about the explorer that a shared link must reproduce: one object, written to and read from the URL. */
import type { AreaMethod, LineMethod } from '../../stats';
import type { Bounds } from '../../charts/types';
import type { Interval, XAxis } from '../../data/axis';
import { ANY_CONTEXT } from '../fields';

export type Channel = 'color' | 'stroke' | 'chart';
export interface SortKey {
  column: string;
  descending: boolean;
}
/** One horizontal window for all charts, so that they stay comparable; a vertical one belongs to its chart. */
export interface Zoom {
  x: Interval | null;
  chart: string | null;
  y: Interval | null;
}
/** A pinned point: the nearest to x on the line with this key. */
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
  /** null: no search yet. */
  q: string | null;
  color: readonly string[];
  stroke: readonly string[];
  chart: readonly string[];
  /** Channels that group by every param except the chosen ones. */
  allBut: readonly string[];
  /** Channels whose fields are kept, but inactive. */
  off: readonly string[];
  /** Channels in which a value has the same style in every query. */
  keep: readonly string[];
  seed: number;
  palette: PaletteChoice;
  /** Lines with the same color, stroke and chart are drawn as one. */
  group: boolean;
  line: LineMethod;
  area: AreaMethod;
  /** Keys of the groups whose lines are listed. */
  open: readonly string[];
  x: XAxis;
  /** Along steps, lines are split where their steps start again. */
  passes: boolean;
  /** null: as the data suggests, which is linear in charts of lines. */
  logX: boolean | null;
  logY: boolean | null;
  xEnds: Bounds;
  yEnds: Bounds;
  smooth: number;
  /** Points of a centered moving average; 1 means none. */
  average: number;
  curve: boolean;
  /** Exclude outliers from the drawn y range. */
  clip: boolean;
  /** Very many lines are drawn as their density. */
  density: boolean;
  /** The zoom history; the last window is shown. */
  zoom: readonly Zoom[];
  pin: PinnedPoint | null;
  /** The meaning of a drag in a chart: zoom each time, zoom once and then pan, or pan. */
  drag: Drag;
  lit: Lit;
  /** Fields in the tooltip; null: those in which the runs differ. */
  tip: readonly string[] | null;
  tipAt: TipPlace;
  sort: readonly SortKey[];
  find: string;
  diff: boolean;
  /**
   * Background colors on the scale of the column: the setting for all columns, and the columns with the opposite
   * setting.
   */
  scale: boolean;
  scaled: readonly string[];
  /** Ids of columns. */
  without: readonly string[];
  left: readonly string[];
  right: readonly string[];
  /** The columns that come first, in this order; the others keep theirs. */
  order: readonly string[];
  widths: readonly (readonly [column: string, width: number])[];
  rows: RowHeight;
  /** Keys of series and legend groups that are hidden. */
  hidden: readonly string[];
  /** The legend group that is shown alone. */
  solo: string | null;
  legend: boolean;
  /** In pixels; null for the standard one. */
  legendWidth: number | null;
  /** The charts' share of the height. */
  split: number;
}

export const NARROWEST_LEGEND = 120;
export const WIDEST_LEGEND = 800;

export const DEFAULT_VIEW: View = {
  q: null,
  color: ['run.hash'],
  stroke: [ANY_CONTEXT],
  chart: ['metric.name'],
  allBut: [],
  off: [],
  keep: ['color'],
  seed: 0,
  palette: 'auto',
  group: false,
  line: 'mean',
  area: 'minmax',
  open: [],
  x: 'step',
  passes: false,
  logX: null,
  logY: null,
  xEnds: [null, null],
  yEnds: [null, null],
  smooth: 0,
  average: 1,
  curve: false,
  clip: false,
  density: true,
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
  legendWidth: null,
  split: 0.6,
};

export const shownZoom = (view: Pick<View, 'zoom'>): Zoom | null => view.zoom[view.zoom.length - 1] ?? null;

/** The part of a view that belongs to one query's data and is reset for the next query. */
export const FRESH: Partial<View> = { zoom: [], hidden: [], solo: null, open: [], pin: null };
