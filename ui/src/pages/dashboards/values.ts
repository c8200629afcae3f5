/** One value of each series, in an order, and how long its bar is. */
import type { Series } from '../../data/result';
import { compareNames } from '../../text/order';
import type { DashboardChart } from '../../wire';

type Value = DashboardChart['value'];

export interface SeriesValue {
  readonly series: Series;
  readonly value: number;
}

export const valueOf = (series: Series, value: Value): number => series[value];

/** Of several contexts of a metric on an axis, the first that some run has. */
export const contextOfAxis = (series: readonly Series[], name: string): string =>
  [...new Set(series.flatMap((item) => (item.name === name ? [item.contextText] : [])))].sort(compareNames)[0] ?? '';

const rank = (value: number): number => (Number.isNaN(value) ? -Infinity : value);

/** Of the runs that are not hidden, highest first; no number is last. */
export function valuesOf(series: readonly Series[], value: Value, hidden: ReadonlySet<string>): readonly SeriesValue[] {
  return series
    .filter(({ run }) => !hidden.has(run.id))
    .map((item) => ({ series: item, value: valueOf(item, value) }))
    .sort((a, b) => {
      const [left, right] = [rank(a.value), rank(b.value)];
      return left === right ? 0 : right - left;
    });
}

export interface BarScale {
  /** The shares of the width where the bar of a value begins and ends; null if it has none. */
  readonly bar: (value: number) => readonly [from: number, to: number] | null;
}

/** A linear scale begins at 0, a logarithmic one below the lowest value, unless the ends are given. */
export function barScale(
  values: readonly number[],
  scale: DashboardChart['y_scale'],
  [low, high]: DashboardChart['y_range'],
): BarScale {
  const log = scale === 'log';
  const numbers = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const least = Math.min(...numbers);
  const most = Math.max(...numbers);
  const at = (value: number): number => (log ? Math.log10(value) : value);
  const start = low !== null && (!log || low > 0) ? low : log ? least / 2 : Math.min(0, least);
  const end = high !== null && high > start ? high : log ? most : Math.max(0, most);
  const span = at(end) - at(start);
  const share = (value: number): number => Math.max(0, Math.min(1, (at(value) - at(start)) / span));
  const zero = log ? 0 : share(Math.max(start, Math.min(end, 0)));
  return {
    bar: (value) => {
      if (!Number.isFinite(value) || (log && value <= 0) || !(span > 0)) return null;
      const to = share(value);
      return [Math.min(zero, to), Math.max(zero, to)];
    },
  };
}
