/**
 * How much of a metric a param explains, from 0 to 1: by Spearman's rank correlation, or by the part of the variance of
 * the metric's ranks that lies between the values of the param (the epsilon squared of Kelley 1935, which is 0 on
 * average where values are random), whichever is more. The second one finds an optimum in the middle. The metric is
 * sorted once for all params.
 */
export function strengthsIn(metric: Float64Array): (param: Float64Array, categories: boolean) => number {
  const order = sorted(
    metric,
    [...metric.keys()].filter((row) => Number.isFinite(metric[row])),
  );
  return (param, categories) => {
    const rows = order.filter((row) => Number.isFinite(param[row]));
    const [x, y] = [param, metric].map((values) => rows.map((row) => values[row] ?? NaN)) as [number[], number[]];
    const ranks = ranksOf(y, [...y.keys()]);
    const between = explained(x, ranks);
    return categories ? between : Math.max(between, Math.abs(correlation(ranksOf(x), ranks)));
  };
}

const sorted = (values: ArrayLike<number>, places: Iterable<number>): number[] =>
  [...places].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));

/** Equal values share the mean of their ranks. */
export function ranksOf(values: readonly number[], order: readonly number[] = sorted(values, values.keys())): number[] {
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0, end = 0; start < order.length; start = end) {
    const value = values[order[start] ?? 0];
    while (end < order.length && values[order[end] ?? 0] === value) end++;
    for (let at = start; at < end; at++) ranks[order[at] ?? 0] = (start + end - 1) / 2;
  }
  return ranks;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function squares(values: readonly number[]): number {
  const center = meanOf(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const [centerX, centerY] = [meanOf(x), meanOf(y)];
  const both = x.reduce((sum, value, at) => sum + (value - centerX) * ((y[at] ?? 0) - centerY), 0);
  return both / Math.sqrt(squares(x) * squares(y)) || 0;
}

/** The square root of epsilon squared; 0 where each value stands alone. */
function explained(x: readonly number[], y: readonly number[]): number {
  const groups = new Map(x.map((value) => [value, new Array<number>()]));
  x.forEach((value, at) => groups.get(value)?.push(y[at] ?? 0));
  const within = [...groups.values()].reduce((sum, group) => sum + squares(group), 0);
  const freedom = (y.length - 1) / (y.length - groups.size);
  return Math.sqrt(Math.max(0, 1 - (within / squares(y)) * freedom)) || 0;
}
