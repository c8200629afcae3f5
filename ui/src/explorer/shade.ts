/** Color scales for numbers in a table, one per column. */
import { colorAt } from '../charts';
import type { Item } from '../data/result';
import type { MenuItem } from '../parts/design/Menu';
import type { Change } from './view/store';
import type { View } from './view/view';
import type { Column } from './columns';

/** From the min to the max of a column; null unless it has two different numbers. */
export function rangeOf(values: Iterable<unknown>): ValueRange | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low < high ? [low, high] : null;
}

/** Where a value stands between the ends, 0 to 1; in powers of ten where the ends are far apart. */
export function partOf(value: number, [low, high]: ValueRange): number {
  const far = low > 0 && high / low > 1000;
  return far ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

export const scalable = ({ end, id }: Column<never>): boolean => end === true && id !== 'duration';

export type ValueRange = readonly [number, number];

/** The range of a column, computed when it is first needed. */
export function rangeIn<T extends Item>(column: Column<T>, items: readonly T[]): () => ValueRange | null {
  let range: ValueRange | null | undefined;
  return () => (range === undefined ? (range = rangeOf(items.map(column.value))) : range);
}

/** Colors numbers on the scale of their column. */
export function colored<T extends Item>(
  column: Column<T>,
  rangeNow: () => ValueRange | null,
  gradient: readonly string[],
): Column<T> {
  return {
    ...column,
    shade: (value) => {
      const range = rangeNow();
      if (!range || typeof value !== 'number' || !Number.isFinite(value)) return undefined;
      return colorAt(gradient, Math.min(1, Math.max(0, partOf(value, range))));
    },
  };
}

type Scales = Pick<View, 'scale' | 'scaled'>;

export const isScaled = ({ scale, scaled }: Scales, column: Column<never>): boolean =>
  scalable(column) && scale !== scaled.includes(column.id);

export function scalingItem(column: Column<never>, view: Scales, change: Change): MenuItem[] {
  if (!scalable(column)) return [];
  const { scaled } = view;
  const turned = scaled.includes(column.id) ? scaled.filter((id) => id !== column.id) : [...scaled, column.id];
  return [
    {
      label: 'Color scale',
      toggles: true,
      chosen: isScaled(view, column),
      onSelect: () => change({ scaled: turned }),
    },
  ];
}
