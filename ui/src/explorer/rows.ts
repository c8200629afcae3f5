/** The rows of the table: found by text, sorted by columns, and one row for each group of lines where lines are grouped. */
import type { Series } from '../data/result';
import type { SortKey } from './view/view';
import type { Bundle } from './bundles';
import type { Column } from './columns';
import { compareValues } from '../text/order';

/** A series, or a group of them. */
export interface Row {
  readonly key: string;
  readonly members: readonly Series[];
  readonly bundle: Bundle | null;
  /** A series that is listed below its group. */
  readonly inside: boolean;
  readonly open: boolean;
}

/** What the text of a number can hold. */
const NUMERIC = /^[-−+.\deE∞]+$|^-?[infty]+$|^[na]+$/i;

/** Whether a row holds all the words of a text, each in any of its columns. */
export function finder(columns: readonly Column[], find: string): (series: Series) => boolean {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const places = words.map((word) => ({ word, in: columns.filter(({ numbers }) => !numbers || NUMERIC.test(word)) }));
  return (series) =>
    places.every(({ word, in: some }) => some.some((column) => column.text(series).toLowerCase().includes(word)));
}

export const findRows = (rows: readonly Series[], columns: readonly Column[], find: string): readonly Series[] =>
  find.trim() === '' ? rows : rows.filter(finder(columns, find));

function sorted<T>(
  items: readonly T[],
  columns: readonly Column[],
  keys: readonly SortKey[],
  of: (item: T, column: Column) => unknown,
): readonly T[] {
  const by = keys.flatMap((key) => {
    const column = columns.find((candidate) => candidate.id === key.column);
    return column ? [{ column, descending: key.descending }] : [];
  });
  if (by.length === 0) return items;
  const keyed = items.map((item, at) => ({ item, at, values: by.map(({ column }) => of(item, column)) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < by.length; i++) {
      const order = compareValues(a.values[i], b.values[i], by[i].descending);
      if (order) return order;
    }
    return a.at - b.at;
  });
  return keyed.map(({ item }) => item);
}

export const sortRows = (
  rows: readonly Series[],
  columns: readonly Column[],
  keys: readonly SortKey[],
): readonly Series[] => sorted(rows, columns, keys, (series, column) => column.value(series));

export const plainRows = (rows: readonly Series[]): Row[] =>
  rows.map((series) => ({ key: series.key, members: [series], bundle: null, inside: false, open: false }));

/** `rows` are found and sorted already: groups keep those of their members, and stand in the order of their own values. */
export function groupRows(
  bundles: readonly Bundle[],
  rows: readonly Series[],
  open: readonly string[],
  columns: readonly Column[],
  keys: readonly SortKey[],
): Row[] {
  const place = new Map(rows.map(({ key }, at) => [key, at]));
  const left = bundles.flatMap((bundle) => {
    const members = bundle.members.filter(({ key }) => place.has(key));
    members.sort((a, b) => (place.get(a.key) ?? 0) - (place.get(b.key) ?? 0));
    return members.length ? [{ bundle, members }] : [];
  });
  return sorted(left, columns, keys, ({ members }, column) => valueOf(column, members)).flatMap(
    ({ bundle, members }) => {
      const isOpen = open.includes(bundle.key);
      const head: Row = { key: bundle.key, members, bundle, inside: false, open: isOpen };
      return isOpen ? [head, ...plainRows(members).map((row) => ({ ...row, inside: true }))] : [head];
    },
  );
}

/** What a group has in a column: numbers are folded, of other values the common one, or how many there are. */
export function valueOf(column: Column, members: readonly Series[]): unknown {
  if (column.fold && members.length > 1) return column.fold(members.map((series) => column.value(series) as number));
  return column.value(members[0]);
}

export function textOfRow(column: Column, members: readonly Series[]): string {
  if (members.length === 1) return column.text(members[0]);
  if (column.fold && column.format) {
    if (members.every((series) => column.text(series) === '')) return '';
    return column.format(valueOf(column, members) as number);
  }
  const texts = new Set(members.map((series) => column.text(series)));
  return texts.size === 1 ? column.text(members[0]) : `${texts.size} values`;
}

/** A click sorts up, then down, then not at all; with Shift it does so beside the columns that sort already. */
export function nextSort(keys: readonly SortKey[], column: string, beside: boolean): readonly SortKey[] {
  const at = keys.findIndex((key) => key.column === column);
  const before = keys[at];
  const next = !before ? { column, descending: false } : before.descending ? null : { column, descending: true };
  if (!beside) return next ? [next] : [];
  if (at < 0) return [...keys, { column, descending: false }];
  return keys.flatMap((key, index) => (index !== at ? [key] : next ? [next] : []));
}

/** What the charts highlight for a row. */
export const targetOf = (row: Row): { key: string; run?: { id: string } } => row.bundle ?? row.members[0];
