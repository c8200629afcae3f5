/** Color scales for numbers in a table, one per column. */
import { colorAt } from '../charts';
import type { Item } from '../data/result';
import type { MenuItem } from '../parts/design/Menu';
import type { Change } from './view/store';
import type { View } from './view/view';
import type { Column } from './columns';

/** The min and max of a column; null unless it has two different numbers. */
export function rangeOf(values: Iterable<unknown>): readonly [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low < high ? [low, high] : null;
}

/** The position of a value between the ends, 0 to 1; on a log scale if the ends are far apart. */
export function partOf(value: number, [low, high]: readonly [number, number]): number {
  const far = low > 0 && high / low > 1000;
  return far ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

export const scalable = ({ end, id }: Column<never>): boolean => end === true && id !== 'duration';

/** Background colors on the scale of each column. Ranges are computed when a column is first visible. */
export function colored<T extends Item>(
  column: Column<T>,
  items: readonly T[],
  gradient: readonly string[],
): Column<T> {
  let range: readonly [number, number] | null | undefined;
  return {
    ...column,
    shade: (value) => {
      if (range === undefined) range = rangeOf(items.map(column.value));
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
