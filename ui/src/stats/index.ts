export { aggregate, type Aggregate, type AggregateOptions, type AreaMethod, type LineMethod } from './aggregate';
export { pearson, spearman } from './correlation';
export type { Axis, Points } from './points';
export { atBestOf, bestIndex, reduce, type Reducer } from './reduce';
export { interquartileMeanOf, meanOf, medianOf } from './spread';
export { confidenceFactor, studentQuantile } from './student';
export {
  linearRegression,
  LOESS_BANDWIDTH,
  loess,
  trendOf,
  type Regression,
  type Trend,
  type TrendKind,
} from './trend';
