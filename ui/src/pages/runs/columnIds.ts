/** The ids of columns of params and metrics, as addresses name them. */
import { besideKey, VALUES, type Beside, type ReducerName } from './reducers';

const METRIC = 'metrics.';
export const BESIDE = 'beside.';
export const PARAM = 'params.';

type Identified = { readonly id: string };

export const metricColumnId = (measured: string, value: ReducerName): string => `${METRIC}${value}.${measured}`;
export const besideColumnId = (beside: Beside): string => BESIDE + besideKey(beside);
export const isMetric = ({ id }: Identified): boolean => id.startsWith(METRIC) || id.startsWith(BESIDE);
export const isParam = ({ id }: Identified): boolean => id.startsWith(PARAM);

/** The metric and value of a column; null for other columns. */
export function measuredOf({ id }: Identified): { metric: string; value: ReducerName } | null {
  const value = VALUES.find((name) => id.startsWith(`${METRIC}${name}.`));
  return value ? { metric: id.slice(METRIC.length + value.length + 1), value } : null;
}
