export { aggregate, type Aggregate, type AggregateOptions, type AreaMethod, type LineMethod } from './aggregate';
export { divergedBy, endingOf, type Ending } from './endings';
export type { Axis, Points } from './points';
export { strengthsIn } from './rank';
export { interquartileMeanOf, meanOf, medianOf } from './spread';
export { confidenceFactor } from './student';
export {
  linearRegression,
  LOESS_BANDWIDTH,
  loess,
  trendOf,
  type Regression,
  type Trend,
  type TrendKind,
} from './trend';
