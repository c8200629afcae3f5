/**
 * One row per series or group. Only visible rows and columns exist in the page, so that ten thousand rows scroll like
 * ten.
 */
import {
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { Checkbox } from '../parts/design/controls';
import type { SortKey } from './view/view';
import type { Arranged, Side } from './arrange';
import type { Column } from './columns';
import type { Item } from '../data/result';
import type { Highlight } from './highlight';
import type { Marker } from './lines';
import { targetOf, type Row } from './rows';
import type { RowSource } from './rowSource';
import type { ChartSync } from './sync';
import { HeadCell, type ColumnActions } from './TableHead';
import { TableRow } from './TableRow';
import type { Selection } from './useSelection';
import { columnsBetween, rowsIn, useViewport } from '../parts/virtual';

const HEAD = 32;
const MARKS = 84;
const RESTS = 150;
/** So many columns beside those in sight are loaded with them. */
const NEAR = 8;
/** The part of a narrow table that the name of a run takes. */
const NARROW = 0.42;
/** Below this, only the run stays in sight while scrolling sideways. */
const ROOMY = 760;

export interface TableProps<T extends Item> {
  /** The noun for a row. */
  noun: 'series' | 'run';
  /** Width of the marks before the name of a row. */
  marks?: number;
  rows: RowSource<T>;
  columns: Arranged<Column<T>>;
  /** The column of the run's name, which is always first. */
  name: Column<T>;
  rowHeight: number;
  sort: readonly SortKey[];
  onSort: (sort: readonly SortKey[]) => void;
  /** The actions of a column's menu. */
  layout: ColumnActions<T>;
  selection: Selection;
  /** Keys of the items that are drawn. */
  shown: Pick<ReadonlySet<string>, 'has'>;
  onToggle: (row: Row<T>) => void;
  /** Expands or collapses the lines of a group. */
  onOpen: (row: Row<T>) => void;
  /** Pins the line of a row in the charts. */
  onHold: (row: Row<T>) => void;
  marker: (row: Row<T>) => Marker;
  highlight: Highlight;
  /** The charts above the table, if there are any. */
  sync?: ChartSync;
}

const widthOf = (columns: readonly Column<never>[]): number => columns.reduce((sum, column) => sum + column.width, 0);

export function Table<T extends Item>(props: TableProps<T>): ReactNode {
  const {
    rows,
    columns,
    name,
    rowHeight,
    sort,
    onSort,
    layout,
    selection,
    shown,
    onToggle,
    onOpen,
    highlight,
    marks = MARKS,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const anchor = useRef(-1);
  const viewport = useViewport(scroller);
  const id = useId();
  const roomy = viewport.width > ROOMY;
  const [run, left, middle, right] = useMemo(() => parts(columns, name, roomy), [columns, name, roomy]);
  const edges = useMemo(() => edgesOf(middle), [middle]);
  const runWidth = viewport.width > 560 ? run.width : Math.min(run.width, Math.max(116, viewport.width * NARROW));
  const pinned = marks + runWidth + widthOf(left);
  const ending = widthOf(right);
  const [firstRow, endRow] = rowsIn(viewport.top, viewport.height - HEAD, rowHeight, rows.count);
  const span = columnsBetween(viewport.left, Math.max(0, viewport.width - pinned - ending), edges);
  const width = pinned + widthOf(middle) + ending;
  const before = edges[span[0]] ?? 0;
  // Rows that leave at one end are reused at the other with new texts, which is cheaper than creating new ones.
  const slots = Math.max(1, endRow - firstRow);

  useHighlightedScroll(scroller, rows, rowHeight, highlight);
  useSteadySight(scroller, rows, rowHeight, (moved) => {
    if (anchor.current >= 0) anchor.current += moved;
    setActive((at) => (at < 0 ? at : at + moved));
  });
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [sort]);
  const top = Math.min(endRow, Math.floor(viewport.top / rowHeight));
  const near = middle.slice(Math.max(0, span[0] - NEAR), span[1] + NEAR);
  const columnsInSight = [...left, ...near, ...right].map((column) => column.id).join('\n');
  useEffect(() => {
    if (viewport.height > 0) rows.see?.({ first: firstRow, top, end: endRow, columns: columnsInSight.split('\n') });
  }, [rows, firstRow, top, endRow, columnsInSight, viewport.height]);

  const { ids: selected, set: setSelected } = selection;
  const select = useCallback(
    (at: number, on: boolean, range: boolean) => {
      const from = range && anchor.current >= 0 ? anchor.current : at;
      anchor.current = at;
      setSelected(Math.min(from, at), Math.max(from, at) + 1, on);
    },
    [setSelected],
  );

  const move = (to: number): void => {
    const next = Math.max(0, Math.min(rows.count - 1, to));
    setActive(next);
    const row = rows.row(next);
    highlight.set(row && targetOf(row));
    const element = scroller.current;
    if (!element) return;
    const top = next * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight - HEAD)
      element.scrollTop = top + rowHeight - element.clientHeight + HEAD;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(viewport.height / rowHeight) - 2);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.count, End: rows.count }[
      event.key
    ];
    const row = rows.row(active);
    if (step !== undefined) move((active < 0 ? -1 : active) + step);
    else if (event.key === ' ' && row) select(active, !allIn(row, selected), event.shiftKey);
    else if (event.key === 'Enter' && row) props.onHold(row);
    else if (event.key === 'ArrowRight' && row?.bundle && !row.open) onOpen(row);
    else if (event.key === 'ArrowLeft' && row?.bundle && row.open) onOpen(row);
    else if (event.key === 'h' && row && !event.ctrlKey && !event.metaKey) onToggle(row);
    else return;
    event.preventDefault();
  };

  const { total, grouped } = rows;
  const chosen = selected.size === 0 ? 0 : rows.chosen(selected);
  const inSight = Array.from({ length: Math.max(0, endRow - firstRow) }, (_, at) => firstRow + at);
  const head = (column: Column<T>, at: number, side: Side | 'run', own = column.width): ReactNode => (
    <HeadCell
      key={column.id}
      column={column}
      width={own}
      side={side}
      sort={sort}
      onSort={onSort}
      layout={layout}
      at={at}
      sync={props.sync}
    />
  );
  return (
    <div
      ref={scroller}
      className="table"
      role={grouped ? 'treegrid' : 'grid'}
      aria-label={props.noun === 'series' ? 'Series' : 'Runs'}
      aria-rowcount={rows.count + 1}
      aria-colcount={left.length + middle.length + right.length + 2}
      aria-multiselectable="true"
      tabIndex={0}
      aria-activedescendant={active >= firstRow && active < endRow ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
      onPointerLeave={() => highlight.set(null)}
      onBlur={() => highlight.set(null)}
    >
      <div className="table-size" style={{ width, height: HEAD + rows.count * rowHeight }}>
        <div className="table-head" role="row" aria-rowindex={1} style={{ height: HEAD, width }}>
          <div className="pinned" style={{ width: pinned }}>
            <span className="table-marks" role="columnheader" aria-label="Select and show" style={{ width: marks }}>
              <Checkbox
                label="Select all rows"
                checked={chosen > 0 && chosen === total}
                mixed={chosen > 0 && chosen < total}
                onChange={(on) => (on ? setSelected(0, rows.count, true) : selection.clear())}
              />
            </span>
            {head(run, 2, 'run', runWidth)}
            {left.map((column, at) => head(column, at + 3, 'left'))}
          </div>
          <span style={{ width: before }} className="gap" />
          {middle.slice(...span).map((column, at) => head(column, left.length + span[0] + at + 3, 'middle'))}
          {right.length > 0 && (
            <div className="pinned right" style={{ width: ending }}>
              {right.map((column, at) => head(column, left.length + middle.length + at + 3, 'right'))}
            </div>
          )}
        </div>
        {inSight.map((at) => {
          const row = rows.row(at);
          return row === null ? (
            <div
              key={at % slots}
              className="row waiting"
              role="row"
              aria-rowindex={at + 2}
              aria-busy="true"
              style={{ top: HEAD + at * rowHeight, height: rowHeight, width }}
            />
          ) : (
            <TableRow
              key={at % slots}
              noun={props.noun === 'series' ? 'line' : 'run'}
              row={row}
              at={at}
              id={`${id}-${at}`}
              top={HEAD + at * rowHeight}
              height={rowHeight}
              run={run}
              runWidth={runWidth}
              marks={marks}
              left={left}
              middle={middle}
              right={right}
              first={span[0]}
              end={span[1]}
              before={before}
              pinned={pinned}
              ending={ending}
              width={width}
              selected={allIn(row, selected)}
              shown={row.members.some(({ key }) => shown.has(key))}
              active={at === active}
              marker={props.marker(row)}
              onToggle={onToggle}
              onOpen={onOpen}
              onHold={props.onHold}
              onSelect={select}
              highlight={highlight}
              sync={props.sync}
            />
          );
        })}
      </div>
    </div>
  );
}

function parts<T extends Item>(
  { left, middle, right }: Arranged<Column<T>>,
  name: Column<T>,
  roomy: boolean,
): [Column<T>, Column<T>[], Column<T>[], Column<T>[]] {
  const all = [...left, ...middle, ...right];
  const run = all.find(({ id }) => id === name.id) ?? name;
  const rest = (columns: readonly Column<T>[]): Column<T>[] => columns.filter(({ id }) => id !== name.id);
  return roomy ? [run, rest(left), rest(middle), rest(right)] : [run, [], rest(all), []];
}

/** Where each column begins; the last edge is the end of the last column. */
function edgesOf(columns: readonly Column<never>[]): number[] {
  let end = 0;
  return [0, ...columns.map(({ width }) => (end += width))];
}

const allIn = ({ members, summary }: Row<Item>, selected: ReadonlySet<string>): boolean =>
  summary ? summary.within(selected) : members.every(({ run }) => selected.has(run.id));

/** Rows in sight stay where they are when others appear above them, unless the table stands at its beginning. */
function useSteadySight<T extends Item>(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: RowSource<T>,
  rowHeight: number,
  onMove: (moved: number) => void,
): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const moved = before.current === rows ? 0 : (rows.movedFrom?.(before.current) ?? 0);
    before.current = rows;
    if (moved === 0 || !scroller.current) return;
    scroller.current.scrollTop += moved * rowHeight;
    onMove(moved);
  });
}

/** Once the pointer rests on a line, its row comes into sight, unless the pointer is in the table itself. */
function useHighlightedScroll<T extends Item>(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: RowSource<T>,
  rowHeight: number,
  highlight: Highlight,
): void {
  useEffect(() => {
    let timer = 0;
    const reveal = (): void => {
      const element = scroller.current;
      if (!element || highlight.key === null || element.matches(':hover, :focus')) return;
      const room = element.clientHeight - HEAD;
      const at = rows.placeOf(highlight.key);
      const top = at * rowHeight;
      if (at < 0 || (top >= element.scrollTop && top + rowHeight <= element.scrollTop + room)) return;
      element.scrollTop = Math.max(0, top - (room - rowHeight) / 2);
    };
    const off = highlight.subscribe(() => {
      window.clearTimeout(timer);
      timer = window.setTimeout(reveal, RESTS);
    });
    return () => {
      window.clearTimeout(timer);
      off();
    };
  }, [scroller, rows, rowHeight, highlight]);
}
