/** Recorded tables as one: rows and columns in sight alone are drawn; the server sorts and filters. */
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { useApi, type TableId } from '../../data/api';
import { countText, plural } from '../../text/format';
import { itemAt } from '../../text/lists';
import type { CellFilter, CellSort, RecordedRows } from '../../wire';
import { Button } from '../design/controls';
import { Icon } from '../design/Icon';
import { Explained } from '../states';
import { useKept } from '../useKept';
import { columnsBetween, rowsIn, useViewport } from '../virtual';
import { edgesOf, nextSort, reachable, rowHeight, withFilter } from './cells';
import { RecordedCell, type RowPlace } from './RecordedCell';
import { RecordedHead } from './RecordedHead';
import { RecordedRow } from './RecordedRow';
import './recorded.css';

const PAGE = 100;
const HEAD = 34;

interface TableView {
  readonly sort: readonly CellSort[];
  readonly where: readonly CellFilter[];
}

const startBy = (by: number | null): TableView => ({
  sort: by === null ? [] : [by, 0].map((column) => ({ column, descending: false })),
  where: [],
});

const bytesOf = ({ cells }: RecordedRows): number =>
  cells.reduce((sum, column) => sum + column.reduce<number>((all, cell) => all + 16 + 2 * String(cell).length, 0), 500);

function useRows(
  of: readonly TableId[],
  view: TableView,
  page: number | null,
): ReturnType<typeof useKept<RecordedRows>> {
  const wanted = { of, ...view, offset: (page ?? 0) * PAGE, limit: PAGE };
  const key = page === null ? null : `rows ${JSON.stringify(wanted)}`;
  return useKept(key, ({ ask }, signal) => ask.tableRows(wanted, signal), bytesOf);
}

/** Where a page is not there yet, its rows are empty. */
function useRowsAround(of: readonly TableId[], view: TableView, first: number, end: number) {
  const [a, b] = [Math.floor(first / PAGE), Math.floor(Math.max(first, end - 1) / PAGE)];
  const [one, other] = [useRows(of, view, a), useRows(of, view, b === a ? null : b)];
  const rowAt = (row: number): RowPlace | null => {
    for (const { data } of [one, other]) {
      const at = data ? row - data.offset : -1;
      if (data && at >= 0 && at < data.place.length) return { rows: data, at };
    }
    return null;
  };
  return { data: one.data ?? other.data, problem: one.problem ?? other.problem, rowAt };
}

/** Whether a cell differs from the one above, in the row of another table with the same key. */
function differs(row: RowPlace | null, above: RowPlace | null, by: number | null, column: number): boolean {
  if (!row || !above || by === null) return false;
  const at = (place: RowPlace, of: number): unknown => itemAt(place.rows.cells, of)[place.at];
  const source = (place: RowPlace): number => itemAt(place.rows.source, place.at);
  const same = at(row, by) !== null && at(row, by) === at(above, by);
  return same && source(row) !== source(above) && at(row, column) !== at(above, column);
}

/** `by`: a column whose equal values bring rows of several tables together; there, cells that differ are marked. */
export function RecordedTable({
  of,
  label,
  by = null,
}: {
  of: readonly TableId[];
  label: string;
  by?: number | null;
}): ReactNode {
  const { csvAddress } = useApi();
  const scroller = useRef<HTMLDivElement>(null);
  const start = useMemo(() => startBy(by), [by]);
  const [view, setView] = useState(start);
  const [widths, setWidths] = useState<ReadonlyMap<number, number>>(new Map());
  const [opened, setOpened] = useState<number | null>(null);
  const [height, setHeight] = useState(0);
  const { top, left, width, height: visible } = useViewport(scroller);
  const known = height || 30;
  const [first, end] = rowsIn(Math.max(0, top), visible, known, Infinity);
  const { data, problem, rowAt } = useRowsAround(of, view, first, end);
  const columns = data?.columns ?? null;
  if (columns && rowHeight(columns) !== height) setHeight(rowHeight(columns));
  const edges = useMemo(() => edgesOf(columns ?? [], widths), [columns, widths]);
  const change = (next: Partial<TableView>): void => {
    setView(next === start ? start : { ...view, ...next });
    setOpened(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  const matched = data?.matched ?? 0;
  const shown = reachable(matched, known);
  const [from, to] = columnsBetween(left, width, edges);
  const last = Math.min(end, shown);
  return (
    <div className="recorded">
      <div className="recorded-bar">
        <span className="count" role="status">
          {data === null
            ? problem
              ? ''
              : 'Loading…'
            : matched < data.rows
              ? `${countText(matched)} of ${plural(data.rows, 'row')}`
              : plural(data.rows, 'row')}
          {shown < matched && `, of which ${countText(shown)} can be scrolled to: filter the others`}
        </span>
        {view !== start && (
          <Button small icon="reset" onClick={() => change(start)}>
            {view.where.length > 0 ? 'Show all rows' : 'As before'}
          </Button>
        )}
        <span className="stretch" />
        {!problem && (
          <a className="button plain small" href={csvAddress({ of, ...view })} download="table.csv">
            <Icon name="download" size={14} />
            CSV
          </a>
        )}
      </div>
      {problem && <Explained problem={problem} />}
      <div ref={scroller} className="recorded-scroll" role="region" aria-label={label} tabIndex={0} hidden={!columns}>
        {columns && (
          <div
            role="table"
            aria-label={label}
            aria-rowcount={matched + 1}
            aria-colcount={columns.length}
            style={{ width: itemAt(edges, columns.length), height: HEAD + shown * known }}
          >
            <RecordedHead
              columns={columns}
              edges={edges}
              from={from}
              to={to}
              sort={view.sort}
              where={view.where}
              onSort={(column, more) => change({ sort: nextSort(view.sort, column, more) })}
              onFilter={(column, filter) => change({ where: withFilter(view.where, column, filter) })}
              onWidth={(column, wide) => setWidths(new Map([...widths, [column, wide]]))}
            />
            {Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).map((row) => {
              const there = rowAt(row);
              const above = by !== null && row > 0 ? rowAt(row - 1) : null;
              return (
                <div
                  key={row}
                  role="row"
                  aria-rowindex={row + 2}
                  className={`recorded-row ${row === opened ? 'opened' : ''}`}
                  style={{ top: HEAD + row * known, height: known }}
                  onClick={() => there && setOpened(row)}
                >
                  {columns.slice(from, to).map((column, i) => (
                    <RecordedCell
                      key={from + i}
                      column={column}
                      left={itemAt(edges, from + i)}
                      width={itemAt(edges, from + i + 1) - itemAt(edges, from + i)}
                      at={from + i}
                      row={there}
                      differs={from + i > 1 && differs(there, above, by, from + i)}
                    />
                  ))}
                </div>
              );
            })}
          </div>
        )}
      </div>
      {columns && matched === 0 && <p className="quiet">No row matches the filters.</p>}
      {opened !== null && (
        <RecordedRow
          of={of}
          sort={view.sort}
          where={view.where}
          row={opened}
          rows={matched}
          onMove={setOpened}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  );
}
