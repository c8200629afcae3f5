/** Runs as rows of columns that a chart can place, and what brushes leave of them. */
import { columnOf, type AxisBrush, type Brushes, type Cell, type Column as Axis } from '../../charts';
import { textOf, type Result } from '../../data/result';
import type { Column } from '../../explorer/columns';
import { isMetric, isParam } from '../runs/columns';

const WORDS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);
const PARAMS = 5;
/** An axis of more words than this says little. */
const WORDY = 24;

export function cellOf(value: unknown): Cell {
  if (value === undefined || value === null || WORDS.has(value)) return undefined;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  return textOf(value);
}

export const axisOf = (column: Column, { series }: Result): Axis =>
  columnOf(
    column.id,
    column.label,
    series.map((one) => cellOf(column.value(one))),
  );

/** What can be an axis: params and values of metrics, and how long runs took. */
export const choices = (columns: readonly Column[]): Column[] =>
  columns.filter((column) => isParam(column) || isMetric(column) || column.id === 'duration');

/** Without a choice: the first params in which the runs differ, and a metric. */
export function standardAxes(columns: readonly Column[], result: Result): string[] {
  const params: Column[] = [];
  for (const column of columns.filter(isParam)) {
    if (params.length === PARAMS) break;
    const { values, categories } = axisOf(column, result);
    if (new Set(values).size > 1 && (categories?.length ?? 0) <= WORDY) params.push(column);
  }
  const metric = columns.find((column) => isMetric(column) && /val|test/i.test(column.label)) ?? columns.find(isMetric);
  return [...params, ...(metric ? [metric] : [])].map(({ id }) => id);
}

/** The places of the rows that every brush keeps. On an axis of powers, numbers up to 0 have no place. */
export function keptRows(axes: readonly Axis[], brushes: Brushes, logs: readonly string[], count: number): number[] {
  const on = axes.flatMap((axis) => {
    const least = logs.includes(axis.key) && !axis.categories ? Number.MIN_VALUE : -Infinity;
    return brushes[axis.key] ? [{ values: axis.values, least, ...brushes[axis.key] }] : [];
  });
  return Array.from({ length: count }, (_, row) => row).filter((row) =>
    on.every(({ values, least, range, none }) => {
      const value = values[row];
      if (!Number.isFinite(value) || value < least) return none;
      return range !== null && value >= range[0] && value <= range[1];
    }),
  );
}

export const brushTexts = (brushes: Brushes): string[] =>
  Object.entries(brushes).map(([key, { range, none }]) => {
    const ends = range ? range.map((end) => Number(end.toPrecision(10))) : ['', ''];
    return [...ends, none ? 1 : 0, key].join('~');
  });

export function readBrushes(texts: readonly string[]): Brushes {
  return Object.fromEntries(
    texts.flatMap((text): [string, AxisBrush][] => {
      const [low, high, none, ...key] = text.split('~');
      const ends = [low, high].map((end) => (end === '' || end === undefined ? NaN : Number(end)));
      const range = ends.every(Number.isFinite) && ends[0] <= ends[1] ? ([ends[0], ends[1]] as const) : null;
      return key.length && (range || none === '1') ? [[key.join('~'), { range, none: none === '1' }]] : [];
    }),
  );
}
