/** The source of a table's rows: all in memory, or page by page as they become visible. */
import type { Item, Run } from '../data/result';
import type { Row } from './rows';

/** The rows from `first` up to `end` are rendered, `top` is the first visible one; columns by id. */
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
  /** The number of runs in all rows. */
  readonly total: number;
  /** Null while the row is loading. */
  row(at: number): Row<T> | null;
  /** The index of a row by its key; -1 if it is unknown. */
  placeOf(key: string): number;
  /** The number of selected runs in the rows. */
  chosen(selected: ReadonlySet<string>): number;
  /** The runs of the rows from `first` up to `end`. */
  runs(first: number, end: number): Promise<readonly Run[]> | readonly Run[];
  /** Reports the visible rows and columns. */
  see?(sight: Sight): void;
  /** The number of rows by which the visible rows moved down compared to an earlier source. */
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
