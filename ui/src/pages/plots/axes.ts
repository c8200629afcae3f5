/** Runs as rows of chart columns, and the rows that pass the brushes. */
import { columnOf, type AxisBrush, type Brushes, type ColumnValue, type ChartColumn as Axis } from '../../charts';
import { textOf, type Item, type Result } from '../../data/result';
import type { Column } from '../../explorer/columns';
import { repeatsOf } from '../../explorer/repeats';
import { strengthsIn } from '../../stats';
import { isMetric, isParam } from '../runs/columnIds';

const WORDS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);
const PARAMS = 5;
/** An axis with more words than this is not useful. */
const WORDY = 24;
/** More runs do not change the order of the params much. */
const RANKED = 1000;

export function axisValue(value: unknown): ColumnValue {
  if (value === undefined || value === null || WORDS.has(value)) return undefined;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  return textOf(value);
}

export const axisOf = (column: Column<Item>, { items }: Pick<Result<Item>, 'items'>): Axis =>
  columnOf(
    column.id,
    column.label,
    items.map((item) => axisValue(column.value(item))),
  );

/** Possible axes: params, metric values, and the duration of runs. */
export const choices = (columns: readonly Column<Item>[]): Column<Item>[] =>
  columns.filter((column) => isParam(column) || isMetric(column) || column.id === 'duration');

/** The metric of the default axes. */
export const standardMetric = (columns: readonly Column<Item>[]): Column<Item> | undefined =>
  columns.find((column) => isMetric(column) && /val|test/i.test(column.label)) ?? columns.find(isMetric);

function evenly(items: readonly Item[]): readonly Item[] {
  const each = Math.ceil(items.length / RANKED);
  return items.filter((_, at) => at % each === 0);
}

/** Some of the runs that have a value, and some of the others. */
function rankedItems(items: readonly Item[], metric: Column<Item> | undefined): readonly Item[] {
  const { values } = metric ? axisOf(metric, { items }) : { values: [] };
  const having = (there: boolean) => items.filter((_, at) => Number.isFinite(values[at]) === there);
  return [...evenly(having(true)), ...evenly(having(false))];
}

/** The default axes: a metric, and before it the params in which the runs differ, those that explain most of it first. */
export function standardAxes(columns: readonly Column<Item>[], { items: all, paths }: Result<Item>): string[] {
  const metric = standardMetric(columns);
  const items = rankedItems(all, metric);
  const strengthOf = metric ? strengthsIn(axisOf(metric, { items }).values) : () => 0;
  const repeats = new Set(
    repeatsOf({ runs: items.map(({ run }) => run), paths }).params.map((path) => `params.${path}`),
  );
  const rank = (column: Column<Item>): number[] => {
    const { values, categories } = axisOf(column, { items });
    if (new Set(values).size < 2 || (categories?.length ?? 0) > WORDY) return [];
    const strength = strengthOf(values, categories !== undefined);
    return [repeats.has(column.id) ? strength - 1 : strength];
  };
  const params = columns.filter(isParam).flatMap((column) => rank(column).map((strength) => ({ column, strength })));
  const first = params.sort((a, b) => b.strength - a.strength).slice(0, PARAMS);
  return [...first.map(({ column }) => column), ...(metric ? [metric] : [])].map(({ id }) => id);
}

/** The indices of the rows that pass every brush. A log axis cannot show numbers up to 0. */
export function keptRows(axes: readonly Axis[], brushes: Brushes, logs: readonly string[], count: number): number[] {
  const on = axes.flatMap((axis) => {
    const min = logs.includes(axis.key) && !axis.categories ? Number.MIN_VALUE : -Infinity;
    const brush = brushes[axis.key];
    return brush ? [{ values: axis.values, min, ...brush }] : [];
  });
  return Array.from({ length: count }, (_, row) => row).filter((row) =>
    on.every(({ values, min, range, none }) => {
      const value = values[row] ?? NaN;
      if (!Number.isFinite(value) || value < min) return none;
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
      const end = (text = ''): number => (text === '' ? NaN : Number(text));
      const [min, max] = [end(low), end(high)];
      const range = Number.isFinite(min) && Number.isFinite(max) && min <= max ? ([min, max] as const) : null;
      return key.length && (range || none === '1') ? [[key.join('~'), { range, none: none === '1' }]] : [];
    }),
  );
}
