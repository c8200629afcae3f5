/** A table of series or runs with its bar: search, sorting, layout, selection, and its file. */
import { useCallback, useDeferredValue, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Item, Result, Run } from '../data/result';
import type { Change } from './view/store';
import type { NonEmpty } from '../text/lists';
import type { View } from './view/view';
import { arrange, moved, pinned, resized, ROW_HEIGHTS } from './arrange';
import type { Bundle } from './bundles';
import { differing, RUN_COLUMN, type Column } from './columns';
import { csvOf, download, fileName } from '../text/csv';
import { countText, plural } from '../text/format';
import type { Highlight } from './highlight';
import type { Marker } from './lines';
import { groupRows, plainRows, sortRows, textOfRow, valueOf, type Row } from './rows';
import type { ChartSync } from './sync';
import { rowsAtHand } from './rowSource';
import { Table } from './Table';
import type { ColumnActions } from './TableHead';
import { TableBar } from './TableBar';
import { useFound } from './useFound';

export interface TablePanelProps<T extends Item> {
  /** The noun for a row. */
  noun: 'series' | 'run';
  result: Result<T>;
  /** The question that the table answers; a new question clears the selection. */
  answered: string;
  /** The rows before a search; default: all of the result. */
  items?: readonly T[];
  /** The groups of the rows, or null. */
  bundles: readonly Bundle<T>[] | null;
  /** All columns, shown or hidden; the column of the run is first. */
  columns: NonEmpty<Column<T>>;
  view: View;
  change: Change;
  /** Keys of the drawn series. */
  shown: ReadonlySet<string>;
  marker: (item: T) => Marker;
  onToggle: (row: Row<T>) => void;
  onHold: (row: Row<T>) => void;
  highlight: Highlight;
  sync?: ChartSync;
  columnMenu?: ColumnActions<T>['more'];
  tools?: ReactNode;
  /** Width of the marks before the name of a row. */
  marks?: number;
  /** Further actions for selected runs. */
  batch?: (runs: readonly Run[]) => ReactNode;
  /** The text for an empty table without a search. */
  none?: ReactNode;
}

/** The name of a group consists of all its values. */
const GROUP_WIDTH = 270;

export function TablePanel<T extends Item>(props: TablePanelProps<T>): ReactNode {
  const {
    noun,
    result,
    answered,
    items = result.items,
    bundles,
    columns: all,
    view,
    change,
    marker,
    columnMenu,
  } = props;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setSelected(new Set()), [answered]);
  const [name, ...others] = all;
  const columns = useMemo(
    (): readonly Column<T>[] => (view.diff ? [name, ...differing(others, result.items)] : all),
    [all, name, others, view.diff, result.items],
  );
  const { without, left, right, order, widths, open } = view;
  const layout = useMemo(() => ({ without, left, right, order, widths }), [without, left, right, order, widths]);
  const grouped = bundles !== null;
  const arranged = useMemo(
    () => arrange(grouped ? columns.map((column) => wider(column)) : columns, layout),
    [columns, layout, grouped],
  );
  const find = useDeferredValue(view.find);
  const holding = useFound(items, columns, find);
  const sorted = useMemo(() => sortRows(holding, columns, view.sort), [holding, columns, view.sort]);
  const rows = useMemo(
    () => (bundles ? groupRows(bundles, sorted, open, columns, view.sort) : plainRows(sorted)),
    [bundles, open, view.sort, sorted, columns],
  );
  const source = useMemo(() => rowsAtHand(rows), [rows]);
  const selectedRuns = useMemo(() => result.runs.filter((run) => selected.has(run.id)), [result.runs, selected]);
  const actions = useMemo<ColumnActions<T>>(
    () => ({
      hide: (id) => change({ without: [...layout.without, id] }),
      pin: (id, side) => change(pinned(layout, id, side)),
      move: (id, steps) => change(moved(columns, layout, id, steps)),
      resize: (id, width, kind) => change(resized(layout, id, width), kind),
      more: columnMenu,
    }),
    [change, columns, layout, columnMenu],
  );
  const onOpen = useCallback(
    ({ key }: Row<T>) => change({ open: open.includes(key) ? open.filter((other) => other !== key) : [...open, key] }),
    [change, open],
  );
  const onCSV = (): void => {
    const out = [...arranged.left, ...arranged.middle, ...arranged.right];
    const texts = rows.map(({ members }) => out.map((column) => csvValue(column, members)));
    const text = csvOf([out.map(({ label }) => label), ...texts]);
    download(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }), fileName(answered || `${noun}s`, 'csv'));
  };
  const { length: total } = result.items;
  const counted =
    sorted.length === total ? plural(total, noun) : `${countText(sorted.length)} of ${plural(total, noun)}`;
  return (
    <section className="table-panel" aria-label={noun === 'series' ? 'Table of series' : 'Table of runs'}>
      <TableBar
        view={view}
        change={change}
        counted={noun === 'series' ? `${counted} · ${plural(result.runs.length, 'run')}` : counted}
        selected={selectedRuns}
        columns={all}
        onClear={() => setSelected(new Set())}
        onCSV={onCSV}
        tools={props.tools}
        batch={props.batch?.(selectedRuns)}
      />
      <Table
        noun={noun}
        marks={props.marks}
        rows={source}
        name={name}
        columns={arranged}
        rowHeight={ROW_HEIGHTS[view.rows]}
        sort={view.sort}
        onSort={(sort) => change({ sort })}
        layout={actions}
        selected={selected}
        onSelect={setSelected}
        shown={props.shown}
        onToggle={props.onToggle}
        onOpen={onOpen}
        onHold={props.onHold}
        marker={({ members }) => marker(members[0])}
        highlight={props.highlight}
        sync={props.sync}
      />
      {rows.length === 0 && (
        <p className="table-none">
          {view.find || !props.none ? (
            <>
              No row contains “<bdi>{view.find}</bdi>”.
            </>
          ) : (
            props.none
          )}
        </p>
      )}
    </section>
  );
}

const wider = <T extends Item>(column: Column<T>): Column<T> =>
  column.id === RUN_COLUMN.id ? { ...column, width: GROUP_WIDTH } : column;

/** Numbers and names unchanged, everything else as the table shows it. */
function csvValue<T extends Item>(column: Column<T>, members: NonEmpty<T>): unknown {
  const value = valueOf(column, members);
  const plain = typeof value === 'number' ? column.end : column.id === RUN_COLUMN.id && members.length === 1;
  return plain ? value : textOfRow(column, members);
}
