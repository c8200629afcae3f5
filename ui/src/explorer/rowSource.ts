/** Where a table has its rows from: all of them at hand, or page by page as they come into sight. */
import type { Item, Run } from '../data/result';
import type { Row } from './rows';

/** The rows from `first` up to `end` are in the page, `top` is the first one in sight; columns are named by their ids. */
export interface Sight {
  readonly first: number;
  readonly top: number;
  readonly end: number;
  readonly columns: readonly string[];
}

export interface RowSource<T extends Item> {
  readonly count: number;
  /** Whether some rows are groups of others. */
  readonly grouped: boolean;
  /** How many runs all rows have together. */
  readonly total: number;
  /** Null while the row is on its way. */
  row(at: number): Row<T> | null;
  /** The index of a row by its key; -1 if it is unknown. */
  placeOf(key: string): number;
  /** How many of these runs are in the rows. */
  chosen(selected: ReadonlySet<string>): number;
  /** The runs of the rows from `first` up to `end`. */
  runs(first: number, end: number): Promise<readonly Run[]> | readonly Run[];
  /** Tells which rows and columns are wanted next. */
  see?(sight: Sight): void;
  /** By how many rows everything stands further down than in the source before this one. */
  movedFrom?(before: RowSource<T>): number;
}

export function rowsAtHand<T extends Item>(rows: readonly Row<T>[]): RowSource<T> {
  const runsOf = (some: readonly Row<T>[]): Map<string, Run> =>
    new Map(some.flatMap((row) => row.members.map(({ run }) => [run.id, run])));
  const all = runsOf(rows);
  return {
    count: rows.length,
    grouped: rows.some((row) => row.bundle),
    total: all.size,
    row: (at) => rows[at] ?? null,
    placeOf: (key) => rows.findIndex((row) => row.key === key),
    chosen: (selected) => [...all.keys()].reduce((count, id) => count + (selected.has(id) ? 1 : 0), 0),
    runs: (first, end) => [...runsOf(rows.slice(first, end)).values()],
  };
}
