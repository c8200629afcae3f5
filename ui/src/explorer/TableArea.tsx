/** A table with its bar: sorting, layout, selection, and its file. The caller provides the rows. */
import { useCallback, useMemo, type ReactNode } from 'react';
import type { Item, Run } from '../data/result';
import { Button } from '../parts/design/controls';
import { countText } from '../text/format';
import type { NonEmpty } from '../text/lists';
import { arrange, movedColumn, pinned, resized, ROW_HEIGHTS } from './arrange';
import { RUN_COLUMN, type Column } from './columns';
import type { Highlight } from './highlight';
import type { Marker } from './lines';
import type { Row } from './rows';
import type { RowSource } from './rowSource';
import type { ChartSync } from './sync';
import { Table } from './Table';
import { TableBar } from './TableBar';
import type { ColumnActions } from './TableHead';
import type { Selection } from './useSelection';
import type { Change } from './view/store';
import type { View } from './view/view';

export interface TableAreaProps<T extends Item> {
  /** The noun for a row. */
  noun: 'series' | 'run';
  rows: RowSource<T>;
  selection: Selection;
  /** The number of rows, as text. */
  counted: string;
  /** All columns, shown or hidden; the column of the run is first. */
  columns: NonEmpty<Column<T>>;
  /** The columns that can be shown. */
  offered: readonly Column<T>[];
  /** For rows that are groups: the length of their longest name. */
  longest: number | null;
  view: View;
  change: Change;
  /** Keys of the drawn items. */
  shown: Pick<ReadonlySet<string>, 'has'>;
  marker: (row: Row<T>) => Marker;
  onToggle: (row: Row<T>) => void;
  onHold: (row: Row<T>) => void;
  /** Saves these columns of all rows. */
  onCSV: (columns: readonly Column<T>[]) => void;
  saving?: boolean;
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

/** About the width of a character of a group's name, and of what is beside it. */
const CHARACTER = 7.8;
const BESIDE = 116;

export function TableArea<T extends Item>(props: TableAreaProps<T>): ReactNode {
  const { noun, rows, selection, columns: all, offered, longest, view, change, marker, columnMenu } = props;
  const { without, left, right, order, widths, open } = view;
  const layout = useMemo(() => ({ without, left, right, order, widths }), [without, left, right, order, widths]);
  const arranged = useMemo(
    () => arrange(longest === null ? offered : offered.map((column) => wider(column, longest)), layout),
    [offered, layout, longest],
  );
  const actions = useMemo<ColumnActions<T>>(
    () => ({
      hide: (id) => change({ without: [...layout.without, id] }),
      pin: (id, side) => change(pinned(layout, id, side)),
      move: (id, steps) => change(movedColumn(offered, layout, id, steps)),
      resize: (id, width, kind) => change(resized(layout, id, width), kind),
      more: columnMenu,
    }),
    [change, offered, layout, columnMenu],
  );
  const onOpen = useCallback(
    ({ key }: Row<T>) => change({ open: open.includes(key) ? open.filter((other) => other !== key) : [...open, key] }),
    [change, open],
  );
  const chosen = selection.ids.size === 0 ? 0 : rows.chosen(selection.ids);
  return (
    <section className="table-panel" aria-label={noun === 'series' ? 'Table of series' : 'Table of runs'}>
      <TableBar
        view={view}
        change={change}
        counted={props.counted}
        selected={selection.runs}
        columns={all}
        onClear={selection.clear}
        onCSV={() => props.onCSV([...arranged.left, ...arranged.middle, ...arranged.right])}
        saving={props.saving ?? false}
        tools={props.tools}
        batch={
          <>
            {chosen > 0 && chosen < rows.total && (
              <Button small onClick={() => selection.set(0, rows.count, true)}>
                Select all {countText(rows.total)}
              </Button>
            )}
            {props.batch?.(selection.runs)}
          </>
        }
      />
      <Table
        noun={noun}
        marks={props.marks}
        rows={rows}
        name={all[0]}
        columns={arranged}
        rowHeight={ROW_HEIGHTS[view.rows]}
        sort={view.sort}
        onSort={(sort) => change({ sort })}
        layout={actions}
        selection={selection}
        shown={props.shown}
        onToggle={props.onToggle}
        onOpen={onOpen}
        onHold={props.onHold}
        marker={marker}
        highlight={props.highlight}
        sync={props.sync}
      />
      {rows.count === 0 && (
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

function wider<T extends Item>(column: Column<T>, longest: number): Column<T> {
  if (column.id !== RUN_COLUMN.id) return column;
  return { ...column, width: Math.min(410, Math.max(220, longest * CHARACTER + BESIDE)) };
}
