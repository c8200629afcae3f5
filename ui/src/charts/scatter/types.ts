/** What a scatter plot is given and what it says back. */
import type { TrendKind } from '../../stats';
import type { Column } from '../column';
import type { ChartTheme, Range, ScaleKind } from '../types';

export interface ScatterRow {
  readonly key: string;
  readonly label: string;
  readonly color: string;
  readonly hidden?: boolean;
}

/** Columns are as long as there are rows. */
export interface ScatterData {
  readonly rows: readonly ScatterRow[];
  readonly x: Column;
  readonly y: Column;
}

export interface ScatterOptions {
  readonly theme: ChartTheme;
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  /** null: the whole extent. Categories count from 0. */
  readonly xRange: Range | null;
  readonly yRange: Range | null;
  readonly trend: 'none' | TrendKind;
  /** One trend of all points, or one of each colour. */
  readonly trendBy: 'all' | 'color';
}

export interface ScatterHover {
  readonly key: string;
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly px: number;
  readonly py: number;
}
