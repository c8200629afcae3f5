/** Input and output of parallel coordinates. */
import type { ChartColumn } from '../column';
import type { PlotHover, PlotRow } from '../plot';
import type { ChartTheme, Range, ScaleKind } from '../types';

export interface ParallelRow extends PlotRow {
  readonly dash?: readonly number[];
}

/** Columns have one value per row. */
export interface ParallelData {
  readonly rows: readonly ParallelRow[];
  readonly columns: readonly ChartColumn[];
}

/** The filter on one axis: a range, and whether rows without a value are included. */
export interface AxisBrush {
  readonly range: Range | null;
  readonly none: boolean;
}

export type Brushes = Readonly<Record<string, AxisBrush>>;

export interface ParallelOptions {
  readonly theme: ChartTheme;
  /** Keys of columns from left to right; columns not named follow in their own order. */
  readonly order: readonly string[];
  readonly scales: Readonly<Record<string, ScaleKind>>;
  /** Key of the column whose gradient colors the lines; null keeps the lines' own colors. */
  readonly colorBy: string | null;
  readonly curved: boolean;
  readonly brushes: Brushes;
}

export type ParallelHover = PlotHover;

export interface Brushed {
  readonly brushes: Brushes;
  /** Keys of the rows that pass every brush. */
  readonly kept: readonly string[];
}
