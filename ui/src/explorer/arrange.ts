/** The order of columns: the view's hiding, pinning, order and width, applied to the existing columns. */
import { itemAt } from '../text/lists';
import type { RowHeight, View } from './view/view';

export interface Arrangeable {
  readonly id: string;
  readonly width: number;
}

export interface Arranged<C> {
  readonly left: readonly C[];
  readonly middle: readonly C[];
  readonly right: readonly C[];
}

type TableLayout = Pick<View, 'without' | 'left' | 'right' | 'order' | 'widths'>;
export type Side = keyof Arranged<unknown>;

export const ROW_HEIGHTS: { [K in RowHeight]: number } = { small: 24, medium: 30, large: 38 };
export const NARROWEST = 48;
export const WIDEST = 900;

export function inOrder<C extends Arrangeable>(columns: readonly C[], order: readonly string[]): C[] {
  const byId = new Map(columns.map((column) => [column.id, column]));
  const first = order.flatMap((id) => byId.get(id) ?? []);
  const placed = new Set(order);
  return [...first, ...columns.filter(({ id }) => !placed.has(id))];
}

export function arrange<C extends Arrangeable>(columns: readonly C[], layout: TableLayout): Arranged<C> {
  const hidden = new Set(layout.without);
  const widths = new Map(layout.widths);
  const sized = inOrder(columns, layout.order)
    .filter(({ id }) => !hidden.has(id))
    .map((column) => ({ ...column, width: widths.get(column.id) ?? column.width }));
  const side = ({ id }: C): Side =>
    layout.left.includes(id) ? 'left' : layout.right.includes(id) ? 'right' : 'middle';
  const on = (wanted: Side): C[] => sized.filter((column) => side(column) === wanted);
  return { left: on('left'), middle: on('middle'), right: on('right') };
}

/** The shortest order with this result, without columns that would follow anyway. */
export function shortest(wanted: readonly string[], natural: readonly string[]): string[] {
  for (let length = 0; length < wanted.length; length++) {
    const first = new Set(wanted.slice(0, length));
    const rest = natural.filter((id) => !first.has(id));
    if (rest.every((id, at) => id === wanted[length + at])) return wanted.slice(0, length);
  }
  return [...wanted];
}

/** Moves a column past its next visible neighbors, by `steps`; Infinity moves it to the end. */
export function movedColumn(
  columns: readonly Arrangeable[],
  layout: TableLayout,
  id: string,
  steps: number,
): Pick<View, 'order'> {
  const natural = columns.map((column) => column.id);
  const all = inOrder(columns, layout.order).map((column) => column.id);
  const { left, middle, right } = arrange(columns, layout);
  const beside = [left, middle, right].find((part) => part.some((column) => column.id === id)) ?? [];
  const at = beside.findIndex((column) => column.id === id);
  const to = Math.max(0, Math.min(beside.length - 1, at + steps));
  if (at < 0 || to === at) return { order: layout.order };
  const rest = all.filter((other) => other !== id);
  const place = rest.indexOf(itemAt(beside, to).id) + (to > at ? 1 : 0);
  return { order: shortest([...rest.slice(0, place), id, ...rest.slice(place)], natural) };
}

export function pinned(layout: TableLayout, id: string, side: Side): Pick<View, 'left' | 'right'> {
  const without = (list: readonly string[]): string[] => list.filter((other) => other !== id);
  const [left, right] = [without(layout.left), without(layout.right)];
  return { left: side === 'left' ? [...left, id] : left, right: side === 'right' ? [...right, id] : right };
}

export function resized(layout: TableLayout, id: string, width: number | null): Pick<View, 'widths'> {
  const rest = layout.widths.filter(([column]) => column !== id);
  const fitting = width === null ? null : Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
  return { widths: fitting === null ? rest : [...rest, [id, fitting]] };
}
