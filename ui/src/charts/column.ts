/** One property of many runs, as numbers: a param, a metric's value, or words by their place in a list. */
import { padded } from './domain';
import type { Range, ScaleKind } from './types';

export type Cell = number | string | boolean | null | undefined;

export interface ChartColumn {
  readonly key: string;
  readonly label: string;
  /** One a row; NaN (or an infinity) where there is none. Of categories, their index. */
  readonly values: Float64Array;
  readonly categories?: readonly string[];
}

/** A column of numbers when all that is there are numbers; else of categories, numbers before words. */
export function columnOf(key: string, label: string, cells: readonly Cell[]): ChartColumn {
  const there = cells.filter((cell) => cell !== null && cell !== undefined);
  if (there.every((cell) => typeof cell === 'number')) {
    return { key, label, values: Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : NaN)) };
  }
  const categories = [...new Map(there.map((cell) => [String(cell), cell])).entries()]
    .sort(([a, x], [b, y]) => compare(x, y) || (a < b ? -1 : 1))
    .map(([text]) => text);
  const place = new Map(categories.map((text, i) => [text, i]));
  const indexOf = (cell: Cell) => (cell === null || cell === undefined ? NaN : place.get(String(cell))!);
  return { key, label, values: Float64Array.from(cells, indexOf), categories };
}

function compare(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  return typeof b === 'number' ? 1 : 0;
}

/** Whether a value has a place on an axis of this scale. */
export function placed(value: number, scale: ScaleKind): boolean {
  return Number.isFinite(value) && (scale === 'linear' || value > 0);
}

/** What an axis of the column spans; categories stand half a step from its ends. */
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

/** Categories have no powers. */
export function scaleOf(column: ChartColumn, wanted: ScaleKind): ScaleKind {
  return column.categories ? 'linear' : wanted;
}
