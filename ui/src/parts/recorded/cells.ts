/** Cells, widths and filters of recorded tables, without the page. */
import { dateText } from '../../text/format';
import type { CellColumn, CellFilter, CellSort } from '../../wire';

export const ROW = 30;
export const PICTURE_ROW = 72;
export const NARROWEST = 48;
/** Browsers draw no element that is higher. */
const HIGHEST = 30_000_000;

const WIDTHS: Readonly<Record<CellColumn['kind'], number>> = {
  bool: 90,
  int: 110,
  float: 120,
  text: 240,
  time: 216,
  image: 110,
};

export const isNumeric = ({ kind }: CellColumn): boolean => kind === 'int' || kind === 'float';

/** `chosen`: widths that a person chose, by column. */
export function edgesOf(columns: readonly CellColumn[], chosen: ReadonlyMap<number, number>): number[] {
  let edge = 0;
  return [0, ...columns.map(({ kind }, i) => (edge += chosen.get(i) ?? WIDTHS[kind]))];
}

export const rowHeight = (columns: readonly CellColumn[]): number =>
  columns.some(({ kind }) => kind === 'image') ? PICTURE_ROW : ROW;

/** How many of the rows can be scrolled to. */
export const reachable = (rows: number, height: number): number => Math.min(rows, Math.floor(HIGHEST / height));

export function cellText(value: unknown, kind: CellColumn['kind']): string {
  if (value === null || value === undefined) return '';
  if (kind === 'time' && typeof value === 'number') return dateText(value, { exact: true });
  if (kind === 'float' && typeof value === 'number') return String(Number(value.toPrecision(6)));
  return String(value);
}

/** Ascending, then descending, then as recorded. With `more`, the other columns stay. */
export function nextSort(sort: readonly CellSort[], column: number, more: boolean): CellSort[] {
  const known = sort.find((key) => key.column === column);
  const others = more ? sort.filter((key) => key.column !== column) : [];
  if (!known) return [...others, { column, descending: false }];
  return known.descending ? others : [...others, { column, descending: true }];
}

/** Without a filter, all cells of the column match. */
export function withFilter(where: readonly CellFilter[], column: number, filter: CellFilter | null): CellFilter[] {
  const others = where.filter((other) => other.column !== column);
  return filter ? [...others, filter] : others;
}

/** What a person typed as the end of a range; undefined: nothing, null: it is none. */
export function endOf(text: string, kind: CellColumn['kind']): number | null | undefined {
  if (text.trim() === '') return undefined;
  const value = kind === 'time' ? Date.parse(text) / 1000 : Number(text);
  return Number.isFinite(value) ? value : null;
}
