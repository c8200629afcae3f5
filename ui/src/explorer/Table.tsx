/** One row a series. Only what is in sight exists in the page, in both directions, so that ten thousand rows scroll like ten. */
import {
  memo,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import type { Series } from '../data/result';
import { Button, Check } from '../design/controls';
import type { SortKey } from '../state/view';
import { RUN_COLUMN, type Column } from './columns';
import { useHighlighted, type Highlight } from './highlight';
import { nextSort } from './rows';
import { columnsIn, rowsIn, useViewport } from './virtual';

export const ROW = 30;
const HEAD = 32;
const MARKS = 78;
const RESTS = 150;

export interface Marker {
  color: string;
  dash: readonly number[];
}

interface TableProps {
  rows: readonly Series[];
  columns: readonly Column[];
  sort: readonly SortKey[];
  onSort: (sort: readonly SortKey[]) => void;
  /** Ids of runs: what is done with a selection is done to whole runs. */
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  shown: ReadonlySet<string>;
  onToggle: (series: Series) => void;
  marker: (series: Series) => Marker;
  highlight: Highlight;
}

export function Table(props: TableProps): ReactNode {
  const { rows, columns, sort, onSort, selected, onSelect, shown, onToggle, marker, highlight } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const anchor = useRef(-1);
  const viewport = useViewport(scroller);
  const id = useId();
  const edges = useMemo(
    () => columns.reduce<number[]>((ends, column) => [...ends, ends[ends.length - 1] + column.width], [0]),
    [columns],
  );
  const pinned = MARKS + (viewport.width > 560 ? RUN_COLUMN.width : 116);
  const [firstRow, endRow] = rowsIn(viewport.top, viewport.height - HEAD, ROW, rows.length);
  const span = columnsIn(viewport.left, Math.max(0, viewport.width - pinned), edges);
  const width = pinned + edges[edges.length - 1];
  // Rows that leave at one end come back at the other with new texts: cheaper than making new ones while scrolling.
  const slots = Math.max(1, endRow - firstRow);

  useHighlightedScroll(scroller, rows, highlight);
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [sort]);

  const select = useCallback(
    (at: number, on: boolean, range: boolean) => {
      const from = range && anchor.current >= 0 ? anchor.current : at;
      anchor.current = at;
      const next = new Set(selected);
      for (let i = Math.min(from, at); i <= Math.max(from, at); i++) {
        const { id: run } = rows[i].run;
        if (on) next.add(run);
        else next.delete(run);
      }
      onSelect(next);
    },
    [rows, selected, onSelect],
  );

  const move = (to: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    highlight.set(rows[next] ?? null);
    const element = scroller.current;
    if (!element) return;
    const top = next * ROW;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW > element.scrollTop + element.clientHeight - HEAD)
      element.scrollTop = top + ROW - element.clientHeight + HEAD;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(viewport.height / ROW) - 2);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }[
      event.key
    ];
    const series = rows[active];
    if (step !== undefined) move((active < 0 ? -1 : active) + step);
    else if (event.key === ' ' && series) select(active, !selected.has(series.run.id), event.shiftKey);
    else if (event.key === 'h' && series && !event.ctrlKey && !event.metaKey) onToggle(series);
    else return;
    event.preventDefault();
  };

  const chosen = rows.reduce((count, series) => count + (selected.has(series.run.id) ? 1 : 0), 0);
  return (
    <div
      ref={scroller}
      className="table"
      role="grid"
      aria-label="Series"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 2}
      aria-multiselectable="true"
      tabIndex={0}
      aria-activedescendant={active >= firstRow && active < endRow ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
      onPointerLeave={() => highlight.set(null)}
      onBlur={() => highlight.set(null)}
    >
      <div className="table-size" style={{ width, height: HEAD + rows.length * ROW }}>
        <div className="table-head" role="row" aria-rowindex={1} style={{ height: HEAD, width }}>
          <div className="pinned" style={{ width: pinned }}>
            <span className="table-marks" role="columnheader" aria-label="Select and show" style={{ width: MARKS }}>
              <Check
                label="Select all rows"
                checked={chosen > 0 && chosen === rows.length}
                mixed={chosen > 0 && chosen < rows.length}
                onChange={(on) => onSelect(on ? new Set(rows.map((series) => series.run.id)) : new Set())}
              />
            </span>
            <Header column={RUN_COLUMN} width={pinned - MARKS} sort={sort} onSort={onSort} at={2} />
          </div>
          <span style={{ width: edges[span[0]] }} className="gap" />
          {columns.slice(...span).map((column, at) => (
            <Header
              key={column.id}
              column={column}
              width={column.width}
              sort={sort}
              onSort={onSort}
              at={span[0] + at + 3}
            />
          ))}
        </div>
        {rows.slice(firstRow, endRow).map((series, at) => (
          <Row
            key={(firstRow + at) % slots}
            series={series}
            at={firstRow + at}
            id={`${id}-${firstRow + at}`}
            columns={columns}
            first={span[0]}
            end={span[1]}
            before={edges[span[0]]}
            pinned={pinned}
            width={width}
            selected={selected.has(series.run.id)}
            shown={shown.has(series.key)}
            active={firstRow + at === active}
            marker={marker(series)}
            onToggle={onToggle}
            onSelect={select}
            highlight={highlight}
          />
        ))}
      </div>
    </div>
  );
}

/** Once the pointer rests on a line, its row comes into sight, unless the pointer is in the table itself. */
function useHighlightedScroll(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: readonly Series[],
  highlight: Highlight,
): void {
  useEffect(() => {
    let timer = 0;
    const reveal = (): void => {
      const element = scroller.current;
      if (!element || highlight.key === null || element.matches(':hover, :focus')) return;
      const room = element.clientHeight - HEAD;
      const at = rows.findIndex((series) => series.key === highlight.key);
      const top = at * ROW;
      if (at < 0 || (top >= element.scrollTop && top + ROW <= element.scrollTop + room)) return;
      element.scrollTop = Math.max(0, top - (room - ROW) / 2);
    };
    const off = highlight.subscribe(() => {
      window.clearTimeout(timer);
      timer = window.setTimeout(reveal, RESTS);
    });
    return () => {
      window.clearTimeout(timer);
      off();
    };
  }, [scroller, rows, highlight]);
}

function Header({
  column,
  width,
  sort,
  onSort,
  at,
}: {
  column: Column;
  width: number;
  sort: readonly SortKey[];
  onSort: TableProps['onSort'];
  at: number;
}): ReactNode {
  const place = sort.findIndex((key) => key.column === column.id);
  const key = sort[place];
  return (
    <div
      role="columnheader"
      aria-colindex={at}
      aria-sort={key ? (key.descending ? 'descending' : 'ascending') : 'none'}
      className={`head-cell ${column.end ? 'end' : ''}`}
      style={{ width }}
    >
      <button
        type="button"
        title={`${column.label}: sort (Shift adds a second order)`}
        onClick={(event) => onSort(nextSort(sort, column.id, event.shiftKey))}
      >
        <bdi>{column.label}</bdi>
        {key && (
          <span className="sort-mark" aria-hidden="true">
            {key.descending ? '↓' : '↑'}
            {sort.length > 1 && <sub>{place + 1}</sub>}
          </span>
        )}
      </button>
    </div>
  );
}

interface RowProps {
  series: Series;
  at: number;
  id: string;
  columns: readonly Column[];
  first: number;
  end: number;
  before: number;
  pinned: number;
  width: number;
  selected: boolean;
  shown: boolean;
  active: boolean;
  marker: Marker;
  onToggle: (series: Series) => void;
  onSelect: (at: number, on: boolean, range: boolean) => void;
  highlight: Highlight;
}

const Row = memo(function Row(props: RowProps): ReactNode {
  const {
    series,
    at,
    id,
    columns,
    first,
    end,
    before,
    pinned,
    width,
    selected,
    shown,
    active,
    marker,
    onToggle,
    onSelect,
    highlight,
  } = props;
  const lit = useHighlighted(highlight, series.key);
  const classes = ['row', selected ? 'selected' : '', shown ? '' : 'off', lit ? 'lit' : '', active ? 'active' : '']
    .filter(Boolean)
    .join(' ');
  const name = RUN_COLUMN.text(series);
  return (
    <div
      className={classes}
      role="row"
      id={id}
      aria-rowindex={at + 2}
      aria-selected={selected}
      style={{ top: HEAD + at * ROW, height: ROW, width }}
      onPointerEnter={() => highlight.set(series)}
    >
      <div className="pinned" style={{ width: pinned }}>
        <span className="table-marks" role="gridcell" style={{ width: MARKS }}>
          <Check
            label={`Select ${name}`}
            checked={selected}
            tabIndex={-1}
            onChange={(on, range) => onSelect(at, on, range)}
          />
          <Button
            small
            icon={shown ? 'eye' : 'eyeOff'}
            aria-label={shown ? `Hide ${name}` : `Show ${name}`}
            tabIndex={-1}
            onClick={() => onToggle(series)}
          />
          <Swatch {...marker} />
        </span>
        <Cell column={RUN_COLUMN} series={series} width={pinned - MARKS} at={2} />
      </div>
      <span style={{ width: before }} className="gap" />
      {columns.slice(first, end).map((column, index) => (
        <Cell key={column.id} column={column} series={series} width={column.width} at={first + index + 3} />
      ))}
    </div>
  );
});

function Cell({ column, series, width, at }: { column: Column; series: Series; width: number; at: number }): ReactNode {
  const text = column.cell ? '' : column.text(series);
  return (
    <div
      role="gridcell"
      aria-colindex={at}
      className={`cell ${column.end ? 'end' : ''}`}
      style={{ width }}
      title={column.title?.(series) ?? text}
    >
      {column.cell ? column.cell(series) : <bdi>{text}</bdi>}
    </div>
  );
}

export function Swatch({ color, dash }: Marker): ReactNode {
  return (
    <svg className="swatch" width="18" height="10" viewBox="0 0 18 10" aria-hidden="true">
      <line
        x1="1"
        y1="5"
        x2="17"
        y2="5"
        stroke={color}
        strokeWidth="2.5"
        strokeDasharray={dash.map((length) => length * 0.6).join(' ') || undefined}
      />
    </svg>
  );
}
