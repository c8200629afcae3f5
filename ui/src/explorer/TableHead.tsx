/** The head of a column: a click sorts, its edge resizes, its menu hides, pins and moves it. */
import { useRef, useSyncExternalStore, type PointerEvent, type ReactNode } from 'react';
import { Menu, type MenuItem } from '../parts/design/Menu';
import type { SortKey } from './view/view';
import type { Item } from '../data/result';
import { NARROWEST, type Side } from './arrange';
import type { Column } from './columns';
import { nextSort } from './rows';
import type { ChartSync } from './sync';

export interface ColumnActions<T extends Item> {
  readonly hide: (id: string) => void;
  readonly pin: (id: string, side: Side) => void;
  readonly move: (id: string, steps: number) => void;
  /** null: the default width. */
  readonly resize: (id: string, width: number | null, kind: 'step' | 'adjust') => void;
  /** Further actions of this page for a column. */
  readonly more?: (column: Column<T>) => readonly MenuItem[];
}

interface HeadCellProps<T extends Item> {
  column: Column<T>;
  width: number;
  side: Side | 'run';
  sort: readonly SortKey[];
  onSort: (sort: readonly SortKey[]) => void;
  layout: ColumnActions<T>;
  at: number;
  /** Where the pointer is in the charts. */
  sync?: ChartSync;
}

export function HeadCell<T extends Item>({
  column,
  width,
  side,
  sort,
  onSort,
  layout,
  at,
  sync,
}: HeadCellProps<T>): ReactNode {
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
        className="head-sort"
        title={`${column.label}: sort (Shift adds a second order)`}
        onClick={(event) => onSort(nextSort(sort, column, event.shiftKey))}
      >
        <bdi>{column.atPointer && sync ? <LabelAtPointer label={column.label} sync={sync} /> : column.label}</bdi>
        {key && (
          <span className="sort-mark" aria-hidden="true">
            {key.descending ? '↓' : '↑'}
            {sort.length > 1 && <sub>{place + 1}</sub>}
          </span>
        )}
      </button>
      <Menu
        small
        icon="down"
        aria-label={`${column.label}: column menu`}
        label={column.label}
        end
        items={menuOf(column, side, width, sort, onSort, layout)}
      />
      <Edge column={column} width={width} layout={layout} />
    </div>
  );
}

/** While the pointer is in a chart, its cells hold the values there. */
function LabelAtPointer({ label, sync }: { label: string; sync: ChartSync }): ReactNode {
  const pointed = useSyncExternalStore(sync.subscribe, () => sync.x !== null);
  return pointed ? <span className="at-pointer">At pointer</span> : label;
}

const WIDER = 40;

function menuOf<T extends Item>(
  column: Column<T>,
  side: HeadCellProps<T>['side'],
  width: number,
  sort: readonly SortKey[],
  onSort: HeadCellProps<T>['onSort'],
  layout: ColumnActions<T>,
): MenuItem[] {
  const { id } = column;
  const rest = sort.filter((key) => key.column !== id);
  const sorting: MenuItem[] = [
    { label: 'Sort ascending', onSelect: () => onSort([...rest, { column: id, descending: false }]) },
    { label: 'Sort descending', onSelect: () => onSort([...rest, { column: id, descending: true }]) },
  ];
  const sizing: MenuItem[] = [
    { label: 'Wider', onSelect: () => layout.resize(id, width + WIDER, 'step') },
    { label: 'Narrower', onSelect: () => layout.resize(id, width - WIDER, 'step') },
    { label: 'Reset width', onSelect: () => layout.resize(id, null, 'step') },
  ];
  if (side === 'run') return [...sorting, ...sizing];
  const pinning: MenuItem[] = [
    { label: 'Pin left', disabled: side === 'left', onSelect: () => layout.pin(id, 'left') },
    { label: 'Pin right', disabled: side === 'right', onSelect: () => layout.pin(id, 'right') },
    { label: 'Unpin', disabled: side === 'middle', onSelect: () => layout.pin(id, 'middle') },
  ];
  const moving: MenuItem[] = [
    { label: 'Move left', onSelect: () => layout.move(id, -1) },
    { label: 'Move right', onSelect: () => layout.move(id, 1) },
    { label: 'Move to start', onSelect: () => layout.move(id, -Infinity) },
    { label: 'Move to end', onSelect: () => layout.move(id, Infinity) },
  ];
  const more = layout.more?.(column) ?? [];
  return [...sorting, ...more, { label: 'Hide', onSelect: () => layout.hide(id) }, ...pinning, ...moving, ...sizing];
}

/** The menu offers the same by keyboard. */
function Edge<T extends Item>({
  column,
  width,
  layout,
}: Pick<HeadCellProps<T>, 'column' | 'width' | 'layout'>): ReactNode {
  const from = useRef<{ x: number; width: number } | null>(null);
  const drag = (event: PointerEvent<HTMLSpanElement>): void => {
    if (!from.current) return;
    const wanted = from.current.width + event.clientX - from.current.x;
    layout.resize(column.id, Math.max(NARROWEST, wanted), 'adjust');
  };
  return (
    <span
      className="head-edge"
      aria-hidden="true"
      onPointerDown={(event) => {
        from.current = { x: event.clientX, width };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
      onDoubleClick={() => layout.resize(column.id, null, 'step')}
    />
  );
}
