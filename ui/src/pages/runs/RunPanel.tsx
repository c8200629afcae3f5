/** The table of runs and the bar above it. */
import { useDeferredValue, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Series } from '../../data/result';
import { Button, Choice } from '../../design/controls';
import { arrange, moved, pinned, resized, ROW_HEIGHTS } from '../../explorer/arrange';
import { RUN_COLUMN, type Column } from '../../explorer/columns';
import { csvOf, download, fileName } from '../../explorer/csv';
import { countText, plural } from '../../explorer/format';
import type { Highlight } from '../../explorer/highlight';
import type { Marker } from '../../explorer/lines';
import { findRows, plainRows, sortRows } from '../../explorer/rows';
import { ChartSync } from '../../explorer/sync';
import { Table, type ColumnActions } from '../../explorer/Table';
import { ColumnsButton, ROWS, SortButton } from '../../explorer/TablePanels';
import { href, navigate } from '../../frame/address';
import { Link } from '../../frame/Link';
import type { Change } from '../../state/useView';
import type { View } from '../../state/view';
import { differing } from './columns';
import type { RunTable } from './runTable';
import { Selected } from './Selected';

const NAME: Column = {
  ...RUN_COLUMN,
  width: 220,
  cell: (series) => (
    <span onClick={(event) => event.stopPropagation()}>
      <Link className="text-link run-link" to={href('run', { run: series.run.id })} tabIndex={-1}>
        {RUN_COLUMN.cell?.(series)}
      </Link>
    </span>
  ),
};

export interface RunPanelProps {
  table: RunTable;
  /** The runs that are listed; all of the table without it. */
  series?: readonly Series[];
  columns: readonly Column[];
  view: View;
  change: Change;
  marker: (series: Series) => Marker;
  highlight: Highlight;
  /** More controls in the bar. */
  children?: ReactNode;
}

export function RunPanel({ table, series = table.result.series, columns: known, view, change, marker, highlight, children }: RunPanelProps): ReactNode {
  const { result } = table;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [sync] = useState(() => new ChartSync(highlight));
  useEffect(() => setSelected(new Set()), [result.statement]);
  const all = useMemo(() => [NAME, ...known], [known]);
  const columns = useMemo(() => (view.diff ? [NAME, ...differing(known, result)] : all), [view.diff, known, result, all]);
  const { without, left, right, order, widths } = view;
  const layout = useMemo(() => ({ without, left, right, order, widths }), [without, left, right, order, widths]);
  const arranged = useMemo(() => arrange(columns, layout), [columns, layout]);
  const find = useDeferredValue(view.find);
  const rows = useMemo(
    () => plainRows(sortRows(findRows(series, columns, find), columns, view.sort)),
    [series, columns, find, view.sort],
  );
  const shown = useMemo(() => new Set(series.map(({ key }) => key)), [series]);
  const actions = useMemo<ColumnActions>(
    () => ({
      hide: (id) => change({ without: [...layout.without, id] }),
      pin: (id, side) => change(pinned(layout, id, side)),
      move: (id, steps) => change(moved(columns, layout, id, steps)),
      resize: (id, width, kind) => change(resized(layout, id, width), kind),
    }),
    [change, columns, layout],
  );
  const onCSV = (): void => {
    const out = [...arranged.left, ...arranged.middle, ...arranged.right];
    const lines = rows.map(({ members: [one] }) => out.map((column) => column.value(one)));
    const text = csvOf([out.map(({ label }) => label), ...lines]);
    download(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }), fileName(result.statement || 'runs', 'csv'));
  };
  const chosen = useMemo(() => result.runs.filter((run) => selected.has(run.id)), [result.runs, selected]);
  return (
    <section className="table-panel run-panel" aria-label="Runs">
      <div className="table-bar" role="toolbar" aria-label="Table">
        <input
          className="field"
          type="search"
          placeholder="Find in table"
          aria-label="Find in table"
          value={view.find}
          onChange={(event) => change({ find: event.target.value }, 'adjust')}
        />
        <span className="count">
          {rows.length === result.series.length
            ? plural(rows.length, 'run')
            : `${countText(rows.length)} of ${plural(result.series.length, 'run')}`}
        </span>
        <span className="stretch" />
        {chosen.length > 0 ? (
          <Selected
            runs={chosen}
            metrics={[...new Set(table.measured.map(({ name }) => name))]}
            onClear={() => setSelected(new Set())}
          />
        ) : (
          <>
            {children}
            <SortButton columns={all} view={view} change={change} />
            <ColumnsButton columns={all} view={view} change={change} />
            <Button
              small
              icon="diff"
              aria-pressed={view.diff}
              active={view.diff}
              tip="Hide columns in which all rows are equal"
              onClick={() => change({ diff: !view.diff })}
            >
              Diff
            </Button>
            <Choice label="Row height" value={view.rows} options={ROWS} onChange={(value) => change({ rows: value })} />
            <Button small icon="download" tip="These rows and columns as CSV" onClick={onCSV}>
              CSV
            </Button>
          </>
        )}
      </div>
      <Table
        rows={rows}
        columns={arranged}
        rowHeight={ROW_HEIGHTS[view.rows]}
        sort={view.sort}
        onSort={(sort) => change({ sort })}
        layout={actions}
        selected={selected}
        onSelect={setSelected}
        shown={shown}
        onToggle={({ members }) => setSelected(new Set([...selected, members[0].run.id]))}
        onOpen={() => undefined}
        onHold={({ members }) => {
          if (!window.getSelection()?.toString()) navigate(href('run', { run: members[0].run.id }));
        }}
        marker={({ members }) => marker(members[0])}
        highlight={highlight}
        sync={sync}
      />
      {rows.length === 0 && (
        <p className="table-none">{view.find ? <>No row contains “<bdi>{view.find}</bdi>”.</> : 'No run is left by the brushes.'}</p>
      )}
    </section>
  );
}
