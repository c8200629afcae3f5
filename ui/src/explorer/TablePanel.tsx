/** A table with all rows in memory: searched, sorted and grouped here. */
import { useCallback, useDeferredValue, useMemo, type ReactNode } from 'react';
import { fileName, csvOf, download } from '../text/csv';
import { countText, plural } from '../text/format';
import { longestOf } from '../text/lists';
import type { Item, Result, Run } from '../data/result';
import { bundleName, type Bundle } from './bundles';
import { cellOf, sizeOf } from './cells';
import { differing, RUN_COLUMN, type Column } from './columns';
import type { Marker } from './lines';
import { groupRows, plainRows, sortRows, type Row } from './rows';
import { rowsAtHand } from './rowSource';
import { TableArea, type TableAreaProps } from './TableArea';
import { useMatchingRows } from './useMatchingRows';
import { useSelection } from './useSelection';

export interface TablePanelProps<T extends Item> extends Omit<
  TableAreaProps<T>,
  'marker' | 'rows' | 'selection' | 'counted' | 'offered' | 'longest' | 'onCSV'
> {
  result: Result<T>;
  marker: (item: T) => Marker;
  /** The question that the table answers; a new question clears the selection. */
  answered: string;
  /** The rows before a search; default: all of the result. */
  items?: readonly T[];
  /** The groups of the rows, or null. */
  bundles: readonly Bundle<T>[] | null;
}

export function TablePanel<T extends Item>(props: TablePanelProps<T>): ReactNode {
  const { result, answered, items = result.items, bundles, marker, ...area } = props;
  const { noun, columns: all, view } = props;
  const { sort, open } = view;
  const [name, ...others] = all;
  const columns = useMemo(
    (): readonly Column<T>[] => (view.diff ? [name, ...differing(others, result.items)] : all),
    [all, name, others, view.diff, result.items],
  );
  const find = useDeferredValue(view.find);
  const holding = useMatchingRows(items, columns, find);
  const sorted = useMemo(() => sortRows(holding, columns, sort), [holding, columns, sort]);
  const rows = useMemo(
    () => (bundles ? groupRows(bundles, sorted, open, columns, sort) : plainRows(sorted)),
    [bundles, open, sort, sorted, columns],
  );
  const source = useMemo(() => rowsAtHand(rows), [rows]);
  const byId = useMemo(() => new Map(result.runs.map((run) => [run.id, run])), [result.runs]);
  const known = useCallback(({ id }: Run): Run | null => byId.get(id) ?? null, [byId]);
  const selection = useSelection(source, answered, known);
  const { length: total } = result.items;
  const counted =
    sorted.length === total ? plural(total, noun) : `${countText(sorted.length)} of ${plural(total, noun)}`;
  return (
    <TableArea
      {...area}
      marker={({ members }) => marker(members[0])}
      rows={source}
      selection={selection}
      counted={noun === 'series' ? `${counted} · ${plural(result.runs.length, 'run')}` : counted}
      offered={columns}
      longest={bundles && longestOf(bundles.map(bundleName))}
      onCSV={(out) => saveRows(out, rows, noun, answered || `${noun}s`)}
    />
  );
}

export function saveRows<T extends Item>(
  columns: readonly Column<T>[],
  rows: readonly Row<T>[],
  noun: string,
  title: string,
): void {
  const texts = rows.map((row) => columns.map((column) => csvValue(column, row, noun)));
  const text = csvOf([columns.map(({ label }) => label), ...texts]);
  download(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }), fileName(title, 'csv'));
}

/** Numbers and names unchanged, everything else as the table shows it. */
function csvValue<T extends Item>(column: Column<T>, row: Row<T>, noun: string): unknown {
  const { value, text } = cellOf(column, row, noun);
  const plain = typeof value === 'number' ? column.end : column.id === RUN_COLUMN.id && sizeOf(row) === 1;
  return plain ? value : text;
}
