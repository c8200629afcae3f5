/** The rows of the table: searched, sorted, and one row per group if lines are grouped. */
import type { Item, Series } from '../data/result';
import { isNonEmpty, type NonEmpty } from '../text/lists';
import type { SortKey } from './view/view';
import type { Bundle } from './bundles';
import type { Column } from './columns';
import { withDiverged } from './diverged';
import { compareValues } from '../text/order';
import { findWords } from '../text/find';

export interface Cell {
  readonly value: unknown;
  readonly text: string;
  readonly title: string;
  /** Whether all items show the same. */
  readonly shared: boolean;
}

/** A group whose items are not loaded. */
export interface Summary<T extends Item> {
  readonly size: number;
  cell(column: Column<T>): Cell;
  /** Whether all of its runs are selected. */
  within(selected: ReadonlySet<string>): boolean;
}

/** An item, or a group of them. */
export interface Row<T extends Item = Series> {
  readonly key: string;
  readonly members: NonEmpty<T>;
  readonly bundle: Pick<Bundle<T>, 'key' | 'values' | 'tail'> | null;
  /** Set for a group of which only the first item is loaded. */
  readonly summary?: Summary<T>;
  /** The key of the group of the row, if its items are not loaded. */
  readonly group?: string;
  /** An item that is listed below its group. */
  readonly inside: boolean;
  readonly open: boolean;
}

/** The characters that a number's text can contain. */
const NUMERIC = /^[-−+.\deE∞]+$|^-?[infty]+$|^[na]+$/i;

/** Whether a row contains all words of a text, each in any of its columns. */
export function finder<T extends Item>(columns: readonly Column<T>[], find: string): (item: T) => boolean {
  const words = findWords(find);
  const places = words.map((word) => ({ word, in: columns.filter(({ numbers }) => !numbers || NUMERIC.test(word)) }));
  return (item) =>
    places.every(({ word, in: some }) => some.some((column) => column.text(item).toLowerCase().includes(word)));
}

export const findRows = <T extends Item>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  find: string,
): readonly T[] => (find.trim() === '' ? rows : rows.filter(finder(columns, find)));

function sortedItems<S, T extends Item>(
  items: readonly S[],
  columns: readonly Column<T>[],
  keys: readonly SortKey[],
  of: (item: S, column: Column<T>) => unknown,
): readonly S[] {
  const by = keys.flatMap((key) => {
    const column = columns.find((candidate) => candidate.id === key.column);
    return column ? [{ column, descending: key.descending }] : [];
  });
  if (by.length === 0) return items;
  const keyed = items.map((item, at) => ({ item, at, values: by.map(({ column }) => of(item, column)) }));
  keyed.sort((a, b) => {
    for (const [i, { descending }] of by.entries()) {
      const order = compareValues(a.values[i], b.values[i], descending);
      if (order) return order;
    }
    return a.at - b.at;
  });
  return keyed.map(({ item }) => item);
}

export const sortRows = <T extends Item>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  keys: readonly SortKey[],
): readonly T[] => sortedItems(rows, columns, keys, (item, column) => column.value(item));

export const plainRows = <T extends Item>(rows: readonly T[]): Row<T>[] =>
  rows.map((item) => ({ key: item.key, members: [item], bundle: null, inside: false, open: false }));

/** `rows` are already searched and sorted. Groups keep their members among them, and are sorted by their own values. */
export function groupRows<T extends Item>(
  bundles: readonly Bundle<T>[],
  rows: readonly T[],
  open: readonly string[],
  columns: readonly Column<T>[],
  keys: readonly SortKey[],
): Row<T>[] {
  const place = new Map(rows.map(({ key }, at) => [key, at]));
  const left = bundles.flatMap((bundle) => {
    const members = bundle.members.filter(({ key }) => place.has(key));
    members.sort((a, b) => (place.get(a.key) ?? 0) - (place.get(b.key) ?? 0));
    return isNonEmpty(members) ? [{ bundle, members }] : [];
  });
  return sortedItems(left, columns, keys, ({ members }, column) => valueOf(column, members)).flatMap(
    ({ bundle, members }) => {
      const isOpen = open.includes(bundle.key);
      const head: Row<T> = { key: bundle.key, members, bundle, inside: false, open: isOpen };
      return isOpen ? [head, ...plainRows(members).map((row) => ({ ...row, inside: true }))] : [head];
    },
  );
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** The value of a group in a column: numbers are reduced; for other values, the common one or their count. */
export function valueOf<T extends Item>(column: Column<T>, members: NonEmpty<T>): unknown {
  if (column.fold && members.length > 1)
    return column.fold(members.map(column.folded ?? column.value).filter(isNumber));
  return column.value(members[0]);
}

export function textOfRow<T extends Item>(column: Column<T>, members: NonEmpty<T>): string {
  if (members.length === 1) return column.text(members[0]);
  if (column.fold && column.format) {
    if (members.every((item) => column.text(item) === '')) return '';
    const values = members.map(column.folded ?? column.value).filter(isNumber);
    const text = column.format(Number(valueOf(column, members)));
    return withDiverged(text, values.length, values.filter((value) => !Number.isFinite(value)).length);
  }
  const texts = new Set(members.map((item) => column.text(item)));
  return texts.size === 1 ? column.text(members[0]) : `${texts.size} values`;
}

/**
 * A click sorts ascending, then descending, then not at all, but descending first where high values are the best; with
 * Shift, in addition to the other sort columns.
 */
export function nextSort(
  keys: readonly SortKey[],
  { id: column, bestHigh = false }: Pick<Column, 'id' | 'bestHigh'>,
  beside: boolean,
): readonly SortKey[] {
  const at = keys.findIndex((key) => key.column === column);
  const before = keys[at];
  const first = { column, descending: bestHigh };
  const next = !before ? first : before.descending === bestHigh ? { column, descending: !bestHigh } : null;
  if (!beside) return next ? [next] : [];
  if (at < 0) return [...keys, first];
  return keys.flatMap((key, index) => (index !== at ? [key] : next ? [next] : []));
}

/** The charts' highlight for a row. */
export const targetOf = (row: Row<Item>): { key: string; run?: { id: string } } => row.bundle ?? row.members[0];
