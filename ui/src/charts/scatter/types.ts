/** Input and output of a scatter plot. */
import type { TrendKind } from '../../stats';
import type { ChartColumn } from '../column';
import type { PlotHover, PlotRow } from '../plot';
import type { ChartTheme, Range, ScaleKind } from '../types';

export interface ScatterRow extends PlotRow {
  /** Rows of one group share a trend; without groups, rows of one color do. */
  readonly group?: string;
}

/** Columns have one value per row. */
export interface ScatterData {
  readonly rows: readonly ScatterRow[];
  readonly x: ChartColumn;
  readonly y: ChartColumn;
}

export interface ScatterOptions {
  readonly theme: ChartTheme;
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  /** null: the whole extent. Categories count from 0. */
  readonly xRange: Range | null;
  readonly yRange: Range | null;
  readonly trend: 'none' | TrendKind;
  /** One trend of all points, or one per group. */
  readonly trendBy: 'all' | 'group';
}

export interface ScatterHover extends PlotHover {
  readonly x: number;
  readonly y: number;
}
