/** The rows of the table: found by text, sorted by columns. */
import type { Series } from '../data/result';
import type { SortKey } from '../state/view';
import type { Column } from './columns';
import { compareValues } from './order';

export function findRows(rows: readonly Series[], columns: readonly Column[], find: string): readonly Series[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((series) => {
    const text = columns
      .map((column) => column.text(series))
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function sortRows(
  rows: readonly Series[],
  columns: readonly Column[],
  keys: readonly SortKey[],
): readonly Series[] {
  const by = keys.flatMap((key) => {
    const column = columns.find((candidate) => candidate.id === key.column);
    return column ? [{ column, descending: key.descending }] : [];
  });
  if (by.length === 0) return rows;
  const keyed = rows.map((series, at) => ({ series, at, values: by.map(({ column }) => column.value(series)) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < by.length; i++) {
      const order = compareValues(a.values[i], b.values[i], by[i].descending);
      if (order) return order;
    }
    return a.at - b.at;
  });
  return keyed.map((row) => row.series);
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
