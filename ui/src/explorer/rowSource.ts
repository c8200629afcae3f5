/** Where a table has its rows from: all of them at hand, or page by page as they come into sight. */
import type { Item } from '../data/result';
import type { Row } from './rows';

export interface RowSource<T extends Item> {
  readonly count: number;
  /** Whether some rows are groups of others. */
  readonly grouped: boolean;
  /** Ids of the runs of every row. */
  readonly runs: ReadonlySet<string>;
  /** Null while the row is on its way. */
  row(at: number): Row<T> | null;
  /** The place of a row by its key; -1 where it is not known. */
  placeOf(key: string): number;
}

export function rowsAtHand<T extends Item>(rows: readonly Row<T>[]): RowSource<T> {
  return {
    count: rows.length,
    grouped: rows.some((row) => row.bundle),
    runs: new Set(rows.flatMap((row) => row.members.map(({ run }) => run.id))),
    row: (at) => rows[at] ?? null,
    placeOf: (key) => rows.findIndex((row) => row.key === key),
  };
}
