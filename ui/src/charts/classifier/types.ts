/** The input of charts of classifiers. */

export type CurveKind = 'roc' | 'pr';

/** By rising x, from 0 to 1. A threshold that is not known, or infinite, is NaN. */
export interface CurvePoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly thresholds: Float64Array;
}

export interface ClassifierCurve extends CurvePoints {
  readonly color: string;
  readonly dash: readonly number[];
}

export interface CurveHover {
  /** The place of the curve. */
  readonly curve: number;
  readonly x: number;
  readonly y: number;
  readonly threshold: number;
}

/** Rows are the true classes, columns the predicted ones. */
export interface ConfusionCounts {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** What the color of a cell is a share of: its row, its column, or all samples. */
export type ShareOf = 'true' | 'predicted' | 'all';

export interface ConfusionHover {
  readonly row: number;
  readonly column: number;
}
