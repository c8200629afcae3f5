/** A row: its marks, the run or the common values of a group, and the visible cells. */
import { memo, useSyncExternalStore, type CSSProperties, type ReactNode } from 'react';
import { formatValue } from '../charts';
import { Button, Checkbox } from '../parts/design/controls';
import { Icon } from '../parts/design/Icon';
import { Middle } from '../parts/Middle';
import type { Item } from '../data/result';
import { bundleName } from './bundles';
import { cellOf, sizeOf } from './cells';
import type { Column } from './columns';
import { plural } from '../text/format';
import { groupNameWithParams, wholeName } from './groupNames';
import { useHighlighted, type Highlight } from './highlight';
import type { Marker } from './lines';
import { targetOf, type Row } from './rows';
import { Swatch } from './Swatch';
import type { ChartSync } from './sync';

interface TableRowProps<T extends Item> {
  /** The noun for members of the group. */
  noun: string;
  row: Row<T>;
  at: number;
  id: string;
  top: number;
  height: number;
  run: Column<T>;
  runWidth: number;
  marks: number;
  left: readonly Column<T>[];
  middle: readonly Column<T>[];
  right: readonly Column<T>[];
  first: number;
  end: number;
  before: number;
  pinned: number;
  ending: number;
  width: number;
  selected: boolean;
  shown: boolean;
  active: boolean;
  marker: Marker;
  onToggle: (row: Row<T>) => void;
  onOpen: (row: Row<T>) => void;
  onHold: (row: Row<T>) => void;
  onSelect: (at: number, on: boolean, range: boolean) => void;
  highlight: Highlight;
  sync?: ChartSync;
}

function PlainTableRow<T extends Item>(props: TableRowProps<T>): ReactNode {
  const { noun, row, at, run, left, middle, right, first, selected, shown, active, highlight, sync } = props;
  const lit = useHighlighted(highlight, row.key);
  const classes = [
    'row',
    selected ? 'selected' : '',
    shown ? '' : 'off',
    lit ? 'lit' : '',
    active ? 'active' : '',
    row.bundle ? 'group' : '',
    row.inside ? 'inside' : '',
  ];
  const nameOf = noun === 'run' ? groupNameWithParams : bundleName;
  const name = row.bundle ? nameOf(row.bundle) : run.text(row.members[0]);
  const cell = (column: Column<T>, index: number): ReactNode => (
    <TableCell key={column.id} noun={noun} column={column} row={row} width={column.width} at={index} sync={sync} />
  );
  return (
    <div
      className={classes.filter(Boolean).join(' ')}
      role="row"
      id={props.id}
      aria-rowindex={at + 2}
      aria-selected={selected}
      aria-level={row.inside ? 2 : row.bundle ? 1 : undefined}
      aria-expanded={row.bundle ? row.open : undefined}
      style={{ top: props.top, height: props.height, width: props.width }}
      onPointerEnter={() => highlight.set(targetOf(row))}
      onClick={(event) => !(event.target as Element).closest('button') && props.onHold(row)}
    >
      <div className="pinned" style={{ width: props.pinned }}>
        <span className="table-marks" role="gridcell" style={{ width: props.marks }}>
          <Checkbox
            label={`Select ${name}`}
            checked={selected}
            tabIndex={-1}
            onChange={(on, range) => props.onSelect(at, on, range)}
          />
          <Button
            small
            icon={shown ? 'eye' : 'eyeOff'}
            aria-label={shown ? `Hide ${name}` : `Show ${name}`}
            tabIndex={-1}
            onClick={() => props.onToggle(row)}
          />
          <Swatch {...props.marker} />
        </span>
        {row.bundle ? (
          <div
            role="gridcell"
            aria-colindex={2}
            className="cell group-name"
            style={{ width: props.runWidth }}
            title={wholeName(row.bundle) || name}
          >
            <button
              type="button"
              className={`row-open ${row.open ? 'open' : ''}`}
              tabIndex={-1}
              aria-label={`${row.open ? 'Close' : 'List'} the ${noun}s of ${name}`}
              onClick={() => props.onOpen(row)}
            >
              <Icon name="down" size={12} />
            </button>
            <Middle text={name} tail={row.bundle.tail} /> <span className="count">{plural(sizeOf(row), noun)}</span>
          </div>
        ) : (
          <TableCell noun={noun} column={run} row={row} width={props.runWidth} at={2} sync={sync} />
        )}
        {left.map((column, index) => cell(column, index + 3))}
      </div>
      <span style={{ width: props.before }} className="gap" />
      {middle.slice(first, props.end).map((column, index) => cell(column, left.length + first + index + 3))}
      {right.length > 0 && (
        <div className="pinned right" style={{ width: props.ending }}>
          {right.map((column, index) => cell(column, left.length + middle.length + index + 3))}
        </div>
      )}
    </div>
  );
}

/** A memo loses the type parameter of what it wraps. */
export const TableRow = memo(PlainTableRow) as typeof PlainTableRow;

interface CellProps<T extends Item> {
  noun: string;
  column: Column<T>;
  row: Row<T>;
  width: number;
  at: number;
  sync?: ChartSync;
}

function TableCell<T extends Item>({ noun, column, row, width, at, sync }: CellProps<T>): ReactNode {
  const [item] = row.members;
  const { value, text, title, shared } = cellOf(column, row, noun);
  const shade = column.shade?.(value);
  return (
    <div
      role="gridcell"
      aria-colindex={at}
      className={`cell ${column.end ? 'end' : ''} ${shade ? 'shaded' : ''}`}
      style={shade ? ({ width, '--shade': shade } as CSSProperties) : { width }}
      title={title}
    >
      {column.atPointer && sync ? (
        <AtPointer row={row} text={text} sync={sync} />
      ) : column.cell && shared ? (
        column.cell(item)
      ) : (
        <bdi className={shared || column.fold ? '' : 'mixed'}>{text}</bdi>
      )}
    </div>
  );
}

/** While the pointer is in a chart: what the line says there. */
function AtPointer({ row, text, sync }: { row: Row<Item>; text: string; sync: ChartSync }): ReactNode {
  const value = useSyncExternalStore(sync.subscribe, () => (sync.x === null ? null : sync.valueAt(row.key)?.y));
  if (value === null) return <bdi>{text}</bdi>;
  return <bdi className="at-pointer">{value === undefined ? '–' : formatValue(value)}</bdi>;
}
