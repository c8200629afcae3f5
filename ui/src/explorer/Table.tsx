/** One row a series, or a group of them. Only what is in sight exists in the page, in both directions, so that ten thousand rows scroll like ten. */
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Check } from '../parts/design/controls';
import type { SortKey } from './view/view';
import type { Arranged, Side } from './arrange';
import { RUN_COLUMN, type Column } from './columns';
import type { Highlight } from './highlight';
import type { Marker } from './lines';
import { targetOf, type Row } from './rows';
import type { ChartSync } from './sync';
import { HeadCell, type ColumnActions } from './TableHead';
import { TableRow } from './TableRow';
import { columnsIn, rowsIn, useViewport } from '../parts/virtual';

const HEAD = 32;
const MARKS = 84;
const RESTS = 150;
/** Below this, only the run stays in sight while scrolling sideways. */
const ROOMY = 760;

export interface TableProps {
  /** What one row is. */
  noun: 'series' | 'run';
  /** Width of what stands before the name of a row. */
  marks?: number;
  rows: readonly Row[];
  columns: Arranged<Column>;
  rowHeight: number;
  sort: readonly SortKey[];
  onSort: (sort: readonly SortKey[]) => void;
  /** What the menu of a column does. */
  layout: ColumnActions;
  /** Ids of runs: what is done with a selection is done to whole runs. */
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  shown: ReadonlySet<string>;
  onToggle: (row: Row) => void;
  /** Lists the lines of a group, or no longer. */
  onOpen: (row: Row) => void;
  /** Holds the line of a row in the charts. */
  onHold: (row: Row) => void;
  marker: (row: Row) => Marker;
  highlight: Highlight;
  sync: ChartSync;
}

const widthOf = (columns: readonly Column[]): number => columns.reduce((sum, column) => sum + column.width, 0);

export function Table(props: TableProps): ReactNode {
  const {
    rows,
    columns,
    rowHeight,
    sort,
    onSort,
    layout,
    selected,
    onSelect,
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
  const [run, left, middle, right] = useMemo(() => parts(columns, roomy), [columns, roomy]);
  const edges = useMemo(
    () => middle.reduce<number[]>((ends, column) => [...ends, ends[ends.length - 1] + column.width], [0]),
    [middle],
  );
  const runWidth = viewport.width > 560 ? run.width : Math.min(run.width, 116);
  const pinned = marks + runWidth + widthOf(left);
  const ending = widthOf(right);
  const [firstRow, endRow] = rowsIn(viewport.top, viewport.height - HEAD, rowHeight, rows.length);
  const span = columnsIn(viewport.left, Math.max(0, viewport.width - pinned - ending), edges);
  const width = pinned + edges[edges.length - 1] + ending;
  // Rows that leave at one end come back at the other with new texts: cheaper than making new ones while scrolling.
  const slots = Math.max(1, endRow - firstRow);

  useHighlightedScroll(scroller, rows, rowHeight, highlight);
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [sort]);

  const select = useCallback(
    (at: number, on: boolean, range: boolean) => {
      const from = range && anchor.current >= 0 ? anchor.current : at;
      anchor.current = at;
      const next = new Set(selected);
      for (let i = Math.min(from, at); i <= Math.max(from, at); i++)
        for (const { run: one } of rows[i].members) {
          if (on) next.add(one.id);
          else next.delete(one.id);
        }
      onSelect(next);
    },
    [rows, selected, onSelect],
  );

  const move = (to: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    highlight.set(rows[next] ? targetOf(rows[next]) : null);
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
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }[
      event.key
    ];
    const row = rows[active];
    if (step !== undefined) move((active < 0 ? -1 : active) + step);
    else if (event.key === ' ' && row) select(active, !allIn(row, selected), event.shiftKey);
    else if (event.key === 'Enter' && row) props.onHold(row);
    else if (event.key === 'ArrowRight' && row?.bundle && !row.open) onOpen(row);
    else if (event.key === 'ArrowLeft' && row?.bundle && row.open) onOpen(row);
    else if (event.key === 'h' && row && !event.ctrlKey && !event.metaKey) onToggle(row);
    else return;
    event.preventDefault();
  };

  const every = useMemo(() => new Set(rows.flatMap((row) => row.members.map((series) => series.run.id))), [rows]);
  const chosen = [...every].reduce((count, one) => count + (selected.has(one) ? 1 : 0), 0);
  const grouped = rows.some((row) => row.bundle);
  const head = (column: Column, at: number, side: Side | 'run', own = column.width): ReactNode => (
    <HeadCell
      key={column.id}
      column={column}
      width={own}
      side={side}
      sort={sort}
      onSort={onSort}
      layout={layout}
      at={at}
    />
  );
  return (
    <div
      ref={scroller}
      className="table"
      role={grouped ? 'treegrid' : 'grid'}
      aria-label={props.noun === 'series' ? 'Series' : 'Runs'}
      aria-rowcount={rows.length + 1}
      aria-colcount={left.length + middle.length + right.length + 2}
      aria-multiselectable="true"
      tabIndex={0}
      aria-activedescendant={active >= firstRow && active < endRow ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
      onPointerLeave={() => highlight.set(null)}
      onBlur={() => highlight.set(null)}
    >
      <div className="table-size" style={{ width, height: HEAD + rows.length * rowHeight }}>
        <div className="table-head" role="row" aria-rowindex={1} style={{ height: HEAD, width }}>
          <div className="pinned" style={{ width: pinned }}>
            <span className="table-marks" role="columnheader" aria-label="Select and show" style={{ width: marks }}>
              <Check
                label="Select all rows"
                checked={chosen > 0 && chosen === every.size}
                mixed={chosen > 0 && chosen < every.size}
                onChange={(on) => onSelect(on ? every : new Set())}
              />
            </span>
            {head(run, 2, 'run', runWidth)}
            {left.map((column, at) => head(column, at + 3, 'left'))}
          </div>
          <span style={{ width: edges[span[0]] }} className="gap" />
          {middle.slice(...span).map((column, at) => head(column, left.length + span[0] + at + 3, 'middle'))}
          {right.length > 0 && (
            <div className="pinned right" style={{ width: ending }}>
              {right.map((column, at) => head(column, left.length + middle.length + at + 3, 'right'))}
            </div>
          )}
        </div>
        {rows.slice(firstRow, endRow).map((row, at) => (
          <TableRow
            key={(firstRow + at) % slots}
            noun={props.noun === 'series' ? 'line' : 'run'}
            row={row}
            at={firstRow + at}
            id={`${id}-${firstRow + at}`}
            top={HEAD + (firstRow + at) * rowHeight}
            height={rowHeight}
            run={run}
            runWidth={runWidth}
            marks={marks}
            left={left}
            middle={middle}
            right={right}
            first={span[0]}
            end={span[1]}
            before={edges[span[0]]}
            pinned={pinned}
            ending={ending}
            width={width}
            selected={allIn(row, selected)}
            shown={row.members.some(({ key }) => shown.has(key))}
            active={firstRow + at === active}
            marker={props.marker(row)}
            onToggle={onToggle}
            onOpen={onOpen}
            onHold={props.onHold}
            onSelect={select}
            highlight={highlight}
            sync={props.sync}
          />
        ))}
      </div>
    </div>
  );
}

function parts({ left, middle, right }: Arranged<Column>, roomy: boolean): [Column, Column[], Column[], Column[]] {
  const all = [...left, ...middle, ...right];
  const run = all.find(({ id }) => id === RUN_COLUMN.id) ?? RUN_COLUMN;
  const rest = (columns: readonly Column[]): Column[] => columns.filter(({ id }) => id !== RUN_COLUMN.id);
  return roomy ? [run, rest(left), rest(middle), rest(right)] : [run, [], rest(all), []];
}

const allIn = (row: Row, selected: ReadonlySet<string>): boolean =>
  row.members.every(({ run }) => selected.has(run.id));

/** Once the pointer rests on a line, its row comes into sight, unless the pointer is in the table itself. */
function useHighlightedScroll(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: readonly Row[],
  rowHeight: number,
  highlight: Highlight,
): void {
  useEffect(() => {
    let timer = 0;
    const reveal = (): void => {
      const element = scroller.current;
      if (!element || highlight.key === null || element.matches(':hover, :focus')) return;
      const room = element.clientHeight - HEAD;
      const at = rows.findIndex((row) => row.key === highlight.key);
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
