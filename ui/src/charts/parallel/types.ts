/** What parallel coordinates are given and what they say back. */
import type { ChartColumn } from '../column';
import type { PlotHover, PlotRow } from '../plot';
import type { ChartTheme, Range, ScaleKind } from '../types';

export interface ParallelRow extends PlotRow {
  readonly dash?: readonly number[];
}

/** Columns are as long as there are rows. */
export interface ParallelData {
  readonly rows: readonly ParallelRow[];
  readonly columns: readonly ChartColumn[];
}

/** What is kept on one axis: a stretch of it, and whether the rows without a value are kept too. */
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
  /** Key of the column whose gradient colors the lines; null leaves them their own colors. */
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
