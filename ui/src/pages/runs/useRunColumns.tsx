/** The columns of a page about runs, and what the menus of their heads can change about them. */
import { useSteady } from '../../parts/useSteady';
import type { Item } from '../../data/result';
import type { NonEmpty } from '../../text/lists';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { chartTheme } from '../../explorer/chartTheme';
import { directionItems } from '../../explorer/directionItems';
import type { RunNames } from '../../explorer/names';
import { runColumn, type Column } from '../../explorer/columns';
import { colored, isScaled, rangeIn, scalingItem, type ValueRange } from '../../explorer/shade';
import type { MenuItem } from '../../parts/design/Menu';
import { adjust, href, useAddress } from '../../parts/address';
import { useDirections } from '../../parts/directions';
import { Link } from '../../parts/Link';
import { DivergedMark, StatusDot } from '../../parts/Status';
import { useFrame } from '../../parts/useFrame';
import type { Change } from '../../explorer/view/store';
import type { View } from '../../explorer/view/view';
import { BesideDialog } from './BesideDialog';
import { besideColumnId, measuredOf } from './columnIds';
import { runColumns, type WantedColumns } from './columns';
import type { Measured, Recorded } from './measured';
import { readReducers, withValueToggled, VALUES, valuesOf, writeReducers, type Reducers } from './reducers';
import { recordedIn, type ListedRuns } from './runTable';
import { useBesides, type Besides } from './useBesides';

/** The name of a run, with its status as a dot and a mark if it diverged. */
function linkedName(names: RunNames): Column<Item> {
  const plain = runColumn(names);
  return {
    ...plain,
    width: 220,
    cell: (item) => (
      <span className="run-cell" onClick={(event) => event.stopPropagation()}>
        <StatusDot status={item.run.status} />
        <Link className="text-link run-link" to={href('run', { run: item.run.id })} tabIndex={-1}>
          {plain.cell?.(item)}
        </Link>
        <DivergedMark run={item.run} />
      </span>
    ),
  };
}

export interface RunColumns {
  /** The name of the run first. */
  readonly columns: NonEmpty<Column<Item>>;
  /** All that can be asked of a metric, chosen as a column or not. */
  readonly wanted: WantedColumns;
  readonly menu: (column: Column<never>) => readonly MenuItem[];
  readonly change: (reducers: Reducers) => void;
  /** What a menu opened. */
  readonly dialog: ReactNode;
}

/** Which numbers of metrics are columns, as the address says. */
export function useReducers(): Reducers {
  const address = useAddress();
  const words = JSON.stringify(['value', 'of', 'beside'].map((name) => address.getAll(name)));
  return useSteady(readReducers(address), words);
}

/** The columns of runs that are all at hand. */
export function useRunColumns(table: ListedRuns, view: View, changeView: Change, names: RunNames): RunColumns {
  const reducers = useReducers();
  const besides = useBesides(view.q ?? '', table, reducers.besides);
  const recorded = useMemo(() => recordedIn(table), [table]);
  const range = useCallback((column: Column<Item>) => rangeIn(column, table.result.items), [table.result.items]);
  return useColumnsOf(recorded, reducers, besides, range, view, changeView, names);
}

/** `rangeOf` gives the way to the min and max of a column. */
export function useColumnsOf(
  recorded: Recorded,
  reducers: Reducers,
  besides: Besides,
  rangeOf: (column: Column<Item>) => () => ValueRange | null,
  view: View,
  changeView: Change,
  names: RunNames,
): RunColumns {
  const { theme } = useFrame();
  const directions = useDirections();
  const [asking, setAsking] = useState<string | null>(null);
  const { of: directionOf } = useDirections();
  const wanted = useMemo(
    () => ({ reducers, besides, fold: view.line, directionOf }),
    [reducers, besides, view.line, directionOf],
  );
  const { scale, scaled } = view;
  const columns = useMemo(() => {
    const { gradient } = chartTheme(theme);
    const more = runColumns(recorded, wanted).map((column) =>
      isScaled({ scale, scaled }, column) ? colored(column, rangeOf(column), gradient) : column,
    );
    return [linkedName(names), ...more] as const;
  }, [recorded, names, wanted, rangeOf, scale, scaled, theme]);

  const change = useCallback((next: Reducers) => adjust(writeReducers(next)), []);
  const menu = useCallback(
    (column: Column<never>) => [
      ...directionItems(namesOf(column, recorded.measured), directions),
      ...metricItems(column, reducers, change, setAsking),
      ...scalingItem(column, { scale, scaled }, changeView),
    ],
    [recorded.measured, directions, reducers, change, scale, scaled, changeView],
  );
  const dialog = asking !== null && (
    <BesideDialog
      metric={asking}
      measured={recorded.measured}
      onAdd={(beside) => change({ ...reducers, besides: [...reducers.besides, beside] })}
      onClose={() => setAsking(null)}
    />
  );
  return { columns, wanted, menu, change, dialog };
}

/** The metric of a column as a list of one, or none. */
const namesOf = (column: Column<never>, measured: readonly Measured[]): readonly string[] =>
  measured.filter(({ id }) => id === measuredOf(column)?.metric).map(({ name }) => name);

function metricItems(
  column: Column<never>,
  reducers: Reducers,
  change: (next: Reducers) => void,
  ask: (metric: string) => void,
): MenuItem[] {
  const beside = reducers.besides.find((at) => besideColumnId(at) === column.id);
  const metric = beside?.metric ?? measuredOf(column)?.metric;
  if (metric === undefined) return [];
  const shown = valuesOf(reducers, metric);
  const removal: MenuItem[] = beside
    ? [
        {
          label: 'Remove this column',
          icon: 'close',
          onSelect: () => change({ ...reducers, besides: reducers.besides.filter((other) => other !== beside) }),
        },
      ]
    : [];
  return [
    ...VALUES.map((value) => ({
      label: `Show ${value}`,
      toggles: true,
      chosen: shown.includes(value),
      disabled: shown.length === 1 && shown[0] === value,
      onSelect: () => change(withValueToggled(reducers, metric, value)),
    })),
    { label: 'Where another metric is best…', onSelect: () => ask(metric) },
    ...removal,
  ];
}
