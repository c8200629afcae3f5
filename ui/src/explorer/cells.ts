/** The cells of rows: the value of an item, or one value for all items of a group. */
import type { Item } from '../data/result';
import { plural } from '../text/format';
import type { Column } from './columns';
import { textOfRow, valueOf, type Cell, type Row } from './rows';

/** The number of items of a row. */
export const sizeOf = ({ members, summary }: Row<Item>): number => summary?.size ?? members.length;

export function cellOf<T extends Item>(column: Column<T>, row: Row<T>, noun: string): Cell {
  if (row.summary) return row.summary.cell(column);
  const { members } = row;
  const text = textOfRow(column, members);
  const single = members.length === 1;
  const same = single || members.every((item) => column.text(item) === column.text(members[0]));
  const title = single ? (column.title?.(members[0]) ?? text) : groupTitle(column, row, text, noun);
  return { value: valueOf(column, members), text, title, shared: same && (single || !column.fold) };
}

const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);

function groupTitle<T extends Item>(column: Column<T>, { members }: Row<T>, text: string, noun: string): string {
  if (column.fold) {
    const values = members.map((item) => column.value(item)).filter(isFiniteNumber);
    const ends = values.length > 1 ? ([Math.min(...values), Math.max(...values)] as const) : null;
    return foldTitle(column, valueOf(column, members), plural(members.length, noun), ends);
  }
  const texts = [...new Set(members.map((item) => column.text(item)))];
  return texts.length === 1 ? text : listTitle(texts, texts.length);
}

export function foldTitle(
  column: Column<never>,
  value: unknown,
  size: string,
  ends: readonly [number, number] | null,
): string {
  const range = ends && column.format ? `from ${column.format(ends[0])} to ${column.format(ends[1])}` : '';
  return [`${String(value)}, of ${size}`, range].filter(Boolean).join(', ');
}

const LISTED = 12;

export const listTitle = (texts: readonly string[], count: number): string =>
  [...texts.slice(0, LISTED), ...(count > LISTED ? ['…'] : [])].join(', ');
