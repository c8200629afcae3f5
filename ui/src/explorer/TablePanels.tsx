/** Panels for a whole table: which columns it has, their order, and the sorting. */
import { useState, type ReactNode } from 'react';
import { FindField } from '../parts/design/FindField';
import { Button, Choice } from '../parts/design/controls';
import { PopoverButton, walkItems } from '../parts/design/Popover';
import type { Change } from './view/store';
import type { RowHeight, SortKey, View } from './view/view';
import { arrange, inOrder, pinned, shortest, type Side } from './arrange';
import { itemAt } from '../text/lists';
import { RUN_COLUMN, type Column } from './columns';
import { plural } from '../text/format';
import { findWords, hasWords } from '../text/find';

interface PanelProps {
  columns: readonly Column<never>[];
  view: View;
  change: Change;
}

export function ColumnsButton(props: PanelProps): ReactNode {
  const { without } = props.view;
  const hidden = props.columns.filter(({ id }) => without.includes(id)).length;
  return (
    <PopoverButton
      small
      icon="columns"
      label="Columns"
      end
      tip={hidden > 0 ? `${plural(hidden, 'column')} hidden` : undefined}
      active={hidden > 0}
      panel={() => <Columns {...props} />}
    >
      Columns
    </PopoverButton>
  );
}

const SIDES: readonly { side: Side; title: string }[] = [
  { side: 'left', title: 'Pinned left' },
  { side: 'middle', title: 'Columns' },
  { side: 'right', title: 'Pinned right' },
];

/** All columns except the run, which is always first. */
function Columns({ columns: every, view, change }: PanelProps): ReactNode {
  const columns = every.filter(({ id }) => id !== RUN_COLUMN.id);
  const [find, setFind] = useState('');
  const words = findWords(find);
  const fits = ({ label, id }: Column<never>): boolean => hasWords(`${label} ${id}`, words);
  const parts = arrange(columns, { ...view, without: [] });
  const all = columns.map(({ id }) => id);
  const matching = columns.filter(fits).map(({ id }) => id);
  const show = (ids: readonly string[]): void => change({ without: view.without.filter((id) => !ids.includes(id)) });
  const hide = (ids: readonly string[]): void => change({ without: [...new Set([...view.without, ...ids])] });
  /** Moves `id` before `other`; without `other`, to the end of that side. */
  const place = (id: string, side: Side, other: string | null): void => {
    if (id === other) return;
    const rest = inOrder(columns, view.order).flatMap((column) => (column.id === id ? [] : [column.id]));
    const at = other === null ? rest.length : rest.indexOf(other);
    change({ ...pinned(view, id, side), order: shortest([...rest.slice(0, at), id, ...rest.slice(at)], all) });
  };
  const step = (list: readonly Column<never>[], at: number, by: number, side: Side): void => {
    const to = at + by;
    if (to < 0 || to >= list.length) return;
    place(itemAt(list, at).id, side, by < 0 ? itemAt(list, to).id : (list[to + 1]?.id ?? null));
  };
  return (
    <div className="picker wide" onKeyDown={walkItems}>
      <div className="picker-head">
        <FindField label="Find a column" placeholder="Find a column…" value={find} onFind={setFind} first />
      </div>
      <div className="picker-list">
        {SIDES.map(({ side, title }) => {
          const list = parts[side];
          const shown = list.filter(fits);
          return (
            <section
              key={side}
              aria-label={title}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => place(event.dataTransfer.getData('text/plain'), side, null)}
            >
              <h3>{title}</h3>
              {side !== 'middle' && list.length === 0 && <p className="menu-empty drop">Drag a column here</p>}
              {shown.map((column) => (
                <ColumnItem
                  key={column.id}
                  column={column}
                  side={side}
                  on={!view.without.includes(column.id)}
                  onShow={(on) => (on ? show : hide)([column.id])}
                  onPin={(to) => change(pinned(view, column.id, to))}
                  onStep={(by) => step(list, list.indexOf(column), by, side)}
                  onDrop={(id) => place(id, side, column.id)}
                />
              ))}
            </section>
          );
        })}
        {matching.length === 0 && (
          <p className="menu-empty">
            No column is called “<bdi>{find}</bdi>”.
          </p>
        )}
      </div>
      <div className="picker-foot">
        <Button small onClick={() => show(matching)}>
          Show {words.length > 0 ? 'these' : 'all'}
        </Button>
        <Button small onClick={() => hide(matching)}>
          Hide {words.length > 0 ? 'these' : 'all'}
        </Button>
        <Button small onClick={() => change({ without: [], left: [], right: [], order: [], widths: [] })}>
          Default
        </Button>
      </div>
    </div>
  );
}

interface ColumnItemProps {
  column: Column<never>;
  side: Side;
  on: boolean;
  onShow: (on: boolean) => void;
  onPin: (side: Side) => void;
  onStep: (by: number) => void;
  onDrop: (id: string) => void;
}

function ColumnItem({ column, side, on, onShow, onPin, onStep, onDrop }: ColumnItemProps): ReactNode {
  const { id, label } = column;
  return (
    <div
      className={`column-item ${on ? '' : 'off'}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData('text/plain', id)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.stopPropagation();
        onDrop(event.dataTransfer.getData('text/plain'));
      }}
    >
      <button
        type="button"
        role="checkbox"
        aria-checked={on}
        data-item
        className="column-name"
        onClick={() => onShow(!on)}
      >
        <span className="picker-mark" aria-hidden="true">
          {on && '✓'}
        </span>
        <span className="menu-label">
          <bdi>{label}</bdi>
        </span>
      </button>
      <span className="column-tools">
        <Button small icon="up" aria-label={`Move ${label} up`} onClick={() => onStep(-1)} />
        <Button small icon="down" aria-label={`Move ${label} down`} onClick={() => onStep(1)} />
        <Button
          small
          aria-label={`Pin ${label} left`}
          aria-pressed={side === 'left'}
          onClick={() => onPin(side === 'left' ? 'middle' : 'left')}
        >
          L
        </Button>
        <Button
          small
          aria-label={`Pin ${label} right`}
          aria-pressed={side === 'right'}
          onClick={() => onPin(side === 'right' ? 'middle' : 'right')}
        >
          R
        </Button>
      </span>
    </div>
  );
}

export function SortButton({ columns, view, change }: PanelProps): ReactNode {
  const { sort } = view;
  return (
    <PopoverButton
      small
      icon="sort"
      label="Sort by"
      end
      active={sort.length > 0}
      panel={() => <Sorts columns={columns} sort={sort} onSort={(next) => change({ sort: next })} />}
    >
      Sort{sort.length > 0 && ` · ${sort.length}`}
    </PopoverButton>
  );
}

interface SortsProps {
  columns: readonly Column<never>[];
  sort: readonly SortKey[];
  onSort: (sort: readonly SortKey[]) => void;
}

function Sorts({ columns, sort, onSort }: SortsProps): ReactNode {
  const labels = new Map(columns.map(({ id, label }) => [id, label]));
  const free = columns.filter(({ id }) => !sort.some(({ column }) => column === id));
  const swap = (at: number, to: number): void => {
    const next = [...sort];
    [next[at], next[to]] = [itemAt(sort, to), itemAt(sort, at)];
    onSort(next);
  };
  return (
    <div className="panel sorts">
      <h3>Sort by</h3>
      {sort.length === 0 && <p className="menu-empty">Default order: newest runs first.</p>}
      <ol>
        {sort.map(({ column, descending }, at) => {
          const label = labels.get(column) ?? column;
          return (
            <li key={column} className="sort-item">
              <span className="menu-label">
                <bdi>{label}</bdi>
              </span>
              <Button
                small
                look="outline"
                aria-label={`${label}: ${descending ? 'descending' : 'ascending'}, reverse`}
                onClick={() => onSort(sort.map((key, i) => (i === at ? { column, descending: !descending } : key)))}
              >
                {descending ? 'Descending' : 'Ascending'}
              </Button>
              <Button
                small
                icon="up"
                disabled={at === 0}
                aria-label={`${label}: earlier`}
                onClick={() => swap(at, at - 1)}
              />
              <Button
                small
                icon="down"
                disabled={at === sort.length - 1}
                aria-label={`${label}: later`}
                onClick={() => swap(at, at + 1)}
              />
              <Button
                small
                icon="close"
                aria-label={`Do not sort by ${label}`}
                onClick={() => onSort(sort.filter((_, i) => i !== at))}
              />
            </li>
          );
        })}
      </ol>
      <div className="panel-row">
        <Choice
          label="Sort by another column"
          value=""
          options={[{ value: '', label: 'Add a column…' }, ...free.map(({ id, label }) => ({ value: id, label }))]}
          onChange={(column) => column && onSort([...sort, { column, descending: false }])}
        />
        <span className="stretch" />
        <Button small disabled={sort.length === 0} onClick={() => onSort([])}>
          Default order
        </Button>
      </div>
    </div>
  );
}

export const ROWS: readonly { value: RowHeight; label: string }[] = [
  { value: 'small', label: 'Small rows' },
  { value: 'medium', label: 'Medium rows' },
  { value: 'large', label: 'Large rows' },
];
