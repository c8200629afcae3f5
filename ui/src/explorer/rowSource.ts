/** The source of a table's rows: all in memory, or page by page as they become visible. */
import type { Item } from '../data/result';
import type { Row } from './rows';

export interface RowSource<T extends Item> {
  readonly count: number;
  /** Whether some rows are groups of others. */
  readonly grouped: boolean;
  /** Ids of the runs of every row. */
  readonly runs: ReadonlySet<string>;
  /** Null while the row is loading. */
  row(at: number): Row<T> | null;
  /** The index of a row by its key; -1 if it is unknown. */
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
