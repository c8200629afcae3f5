/** The columns of runs: what is known of each, its params, and the chosen values of its metrics. */
import type { CSSProperties } from 'react';
import { colorAt, formatValue } from '../../charts';
import type { Result, Series } from '../../data/result';
import { columnsOf, type Column } from '../../explorer/columns';
import { numberAt, type Measured, type RunTable, type Value } from './runTable';

const OF_SERIES: ReadonlySet<string> = new Set(['metric.name', 'context', 'last', 'min', 'max', 'step']);
const METRIC = 'metrics.';

export const metricColumnId = (measured: string, value: Value): string => `${METRIC}${value}.${measured}`;

function metricColumn(table: RunTable, { id, name, contextText }: Measured, value: Value): Column {
  const of = (series: Series): number => numberAt(table, series.run.id, id, value);
  const label = [name, contextText && `(${contextText})`, value].filter(Boolean).join(' ');
  return {
    id: metricColumnId(id, value),
    label,
    width: Math.min(210, Math.max(96, label.length * 7 + 26)),
    end: true,
    value: of,
    text: (series) => {
      const number = of(series);
      return Number.isNaN(number) ? '' : formatValue(number);
    },
    title: (series) => `${label}: ${String(of(series))}`,
  };
}

export function runColumns(table: RunTable, values: readonly Value[]): Column[] {
  const known = columnsOf(table.result, false).filter(({ id }) => !OF_SERIES.has(id));
  const params = known.filter(({ id }) => id.startsWith('params.'));
  const own = known.filter(({ id }) => !id.startsWith('params.'));
  const metrics = table.measured.flatMap((measured) => values.map((value) => metricColumn(table, measured, value)));
  return [...own, ...metrics, ...params];
}

export function differing(columns: readonly Column[], { series }: Result): Column[] {
  if (series.length < 2) return [...columns];
  return columns.filter((column) => {
    const first = column.text(series[0]);
    return series.some((one) => column.text(one) !== first);
  });
}

/** From the least to the greatest value of a column; null where it holds no two different numbers. */
export function rangeOf(values: Iterable<unknown>): readonly [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low < high ? [low, high] : null;
}

/** Where a value stands between the ends, 0 to 1; in powers of ten where the ends are far apart. */
export function partOf(value: number, [low, high]: readonly [number, number]): number {
  const far = low > 0 && high / low > 1000;
  return far ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** Numbers stand on a colour along the scale of their column. Ranges are found once, when a column first comes in sight. */
export function coloured(columns: readonly Column[], { series }: Result, gradient: readonly string[]): Column[] {
  return columns.map((column) => {
    if (!column.end || column.id === 'duration') return column;
    let range: readonly [number, number] | null | undefined;
    return {
      ...column,
      cell: (one) => {
        if (range === undefined) range = rangeOf(series.map(column.value));
        const value = column.value(one);
        if (!range || typeof value !== 'number' || !Number.isFinite(value)) return <bdi>{column.text(one)}</bdi>;
        const part = partOf(value, range);
        return (
          <span className="scaled" style={{ '--scale': colorAt(gradient, part) } as CSSProperties}>
            <bdi>{column.text(one)}</bdi>
          </span>
        );
      },
    };
  });
}
