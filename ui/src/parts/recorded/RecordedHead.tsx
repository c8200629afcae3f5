/** The heads of the columns in sight: a click sorts, a button filters, the edge resizes. */
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { itemAt } from '../../text/lists';
import type { CellColumn, CellFilter, CellSort } from '../../wire';
import { Icon } from '../design/Icon';
import { PopoverButton } from '../design/Popover';
import { isNumeric, NARROWEST } from './cells';
import { ColumnFilter } from './ColumnFilter';

interface RecordedHeadProps {
  readonly columns: readonly CellColumn[];
  readonly edges: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly sort: readonly CellSort[];
  readonly where: readonly CellFilter[];
  readonly onSort: (column: number, more: boolean) => void;
  readonly onFilter: (column: number, filter: CellFilter | null) => void;
  readonly onWidth: (column: number, width: number) => void;
}

export function RecordedHead({ columns, edges, from, to, ...rest }: RecordedHeadProps): ReactNode {
  return (
    <div role="row" aria-rowindex={1} className="recorded-head">
      {columns.slice(from, to).map((column, i) => (
        <ColumnHead
          key={from + i}
          column={column}
          at={from + i}
          left={itemAt(edges, from + i)}
          width={itemAt(edges, from + i + 1) - itemAt(edges, from + i)}
          {...rest}
        />
      ))}
    </div>
  );
}

function ColumnHead({
  column,
  at,
  left,
  width,
  sort,
  where,
  onSort,
  onFilter,
  onWidth,
}: Omit<RecordedHeadProps, 'columns' | 'edges' | 'from' | 'to'> & {
  column: CellColumn;
  at: number;
  left: number;
  width: number;
}): ReactNode {
  const key = sort.find((other) => other.column === at);
  const filter = where.find((other) => other.column === at) ?? null;
  return (
    <div
      role="columnheader"
      aria-colindex={at + 1}
      aria-sort={key ? (key.descending ? 'descending' : 'ascending') : 'none'}
      className={`recorded-cell ${isNumeric(column) ? 'end' : ''}`}
      style={{ left, width }}
    >
      <button
        type="button"
        className="recorded-sort"
        title={`${column.name} (${column.kind}): sort. Shift adds a second order`}
        onClick={(event) => onSort(at, event.shiftKey)}
      >
        <bdi>{column.name}</bdi>
        {key && <Icon name={key.descending ? 'down' : 'up'} size={12} />}
      </button>
      {column.kind !== 'image' && (
        <PopoverButton
          small
          icon="filter"
          label={`Filter by ${column.name}`}
          aria-label={`Filter by ${column.name}`}
          active={filter !== null}
          panel={(close) => (
            <ColumnFilter
              column={column}
              at={at}
              filter={filter}
              onFilter={(next) => {
                onFilter(at, next);
                close();
              }}
            />
          )}
        />
      )}
      <ColumnEdge name={column.name} width={width} onWidth={(wide) => onWidth(at, Math.max(NARROWEST, wide))} />
    </div>
  );
}

const STEP = 20;

function ColumnEdge({
  name,
  width,
  onWidth,
}: {
  name: string;
  width: number;
  onWidth: (width: number) => void;
}): ReactNode {
  const from = useRef<{ x: number; width: number } | null>(null);
  const keys = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onWidth(width + step);
  };
  return (
    <span
      className="recorded-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${name}`}
      aria-valuenow={Math.round(width)}
      aria-valuemin={NARROWEST}
      tabIndex={0}
      onKeyDown={keys}
      onPointerDown={(event) => {
        from.current = { x: event.clientX, width };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current) onWidth(from.current.width + event.clientX - from.current.x);
      }}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
    />
  );
}
