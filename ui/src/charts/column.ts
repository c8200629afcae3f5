/** One property of many runs as numbers: a param or metric value, or the index of a category. */
import { compareValues } from '../text/order';
import { padded } from './domain';
import type { Range, ScaleKind, XKind } from './types';

export type ColumnValue = number | string | boolean | null | undefined;

export interface ChartColumn {
  readonly key: string;
  readonly label: string;
  /** One value per row; NaN (or an infinity) if there is none. For categories, their index. */
  readonly values: Float64Array;
  readonly categories?: readonly string[];
}

/** A numeric column if all values are numbers; else a column of categories in the order of tables. */
export function columnOf(key: string, label: string, cells: readonly ColumnValue[]): ChartColumn {
  const there = cells.filter((cell) => cell !== null && cell !== undefined);
  if (there.every((cell) => typeof cell === 'number')) {
    return { key, label, values: Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : NaN)) };
  }
  const categories = [...new Map(there.map((cell) => [String(cell), cell])).entries()]
    .sort(([a, x], [b, y]) => compareValues(x, y) || (a < b ? -1 : 1))
    .map(([text]) => text);
  const place = new Map(categories.map((text, i) => [text, i]));
  const indexOf = (cell: ColumnValue) => (cell === null || cell === undefined ? NaN : (place.get(String(cell)) ?? NaN));
  return { key, label, values: Float64Array.from(cells, indexOf), categories };
}

/** Whether an axis of this scale can show a value. */
export function placed(value: number, scale: ScaleKind): boolean {
  return Number.isFinite(value) && (scale === 'linear' || value > 0);
}

/** An axis of integers has ticks at integers, as one of steps. */
export const ticksKind = ({ values }: ChartColumn): XKind =>
  values.every((value) => Number.isInteger(value) || !Number.isFinite(value)) ? 'step' : 'value';

/** Two decades. */
const WIDE = 100;

/** Whether an axis of the column is better logarithmic: its numbers are positive, and far apart. */
export function spansDecades({ values, categories }: ChartColumn): boolean {
  const numbers = values.filter(Number.isFinite);
  const low = numbers.reduce((least, value) => Math.min(least, value), Infinity);
  return !categories && low > 0 && numbers.some((value) => value >= low * WIDE);
}

/** The extent of an axis for the column; categories keep half a step from its ends. */
export function spanOf({ values, categories }: ChartColumn, scale: ScaleKind): Range {
  if (categories) return [-0.5, Math.max(0, categories.length - 1) + 0.5];
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!placed(value, scale)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return padded(low <= high ? [low, high] : null, scale, 0);
}

/** Categories have no log scale. */
export function scaleOf(column: ChartColumn, wanted: ScaleKind): ScaleKind {
  return column.categories ? 'linear' : wanted;
}
