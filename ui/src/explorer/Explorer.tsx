/** The explorer of one result: toolbar, charts, legend and table, all drawn from the same view. */
import { useCallback, useDeferredValue, useEffect, useMemo, useState, type ReactNode } from 'react';
import { colorFor, dashFor, eight, twentyFour, type Zoom as Window } from '../charts';
import type { Result, Series } from '../data/result';
import { useDetail } from '../data/useDetail';
import type { Theme } from '../design/theme';
import type { Change } from '../state/useView';
import type { View, XAxis } from '../state/view';
import { metricOrder } from './aimql';
import { ChartGrid } from './ChartGrid';
import { columnsOf, RUN_COLUMN } from './columns';
import { group } from './grouping';
import { Highlight } from './highlight';
import { Legend } from './Legend';
import { findRows, sortRows } from './rows';
import { Split } from './Split';
import { ChartSync } from './sync';
import { Table, type Marker } from './Table';
import { TableBar } from './TableBar';
import { Toolbar } from './Toolbar';
import { Tooltip, tooltipFields } from './Tooltip';
import { drawn, seriesToken, toggle, type Channel } from './visibility';

interface ExplorerProps {
  result: Result;
  answered: string;
  /** The axis of the points in `result`: another one may be chosen already and still be on its way. */
  x: XAxis;
  view: View;
  change: Change;
  theme: Theme;
  readOnly: string | null;
  stale: boolean;
  onEdited: (ids: readonly string[]) => void;
}

/** A brush is not more exact than this, and the link stays readable. */
const short = (range: Window['x']): Window['x'] =>
  range && [Number(range[0].toPrecision(12)), Number(range[1].toPrecision(12))];

export function Explorer({
  result,
  answered,
  x,
  view,
  change,
  theme,
  readOnly,
  stale,
  onEdited,
}: ExplorerProps): ReactNode {
  const [highlight] = useState(() => new Highlight());
  const [sync] = useState(() => new ChartSync(highlight));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const detail = useDetail(result, answered, x, view.zoom?.x ?? null);

  const { color, stroke, chart, hidden, solo } = view;
  const grouping = useMemo(
    () => group(result.series, { color, stroke, chart }, metricOrder(answered)),
    [result.series, color, stroke, chart, answered],
  );
  const shown = useMemo(
    () => drawn(result.series, grouping, { hidden, solo }),
    [result.series, grouping, hidden, solo],
  );
  useEffect(() => {
    sync.byKey = new Map(result.series.map((series) => [series.key, series]));
  }, [sync, result.series]);
  useEffect(() => setSelected(new Set()), [answered]);

  const palette = grouping.colors.length <= eight.light.length ? eight : twentyFour;
  const marker = useCallback(
    (series: Series): Marker => ({
      color: colorFor(grouping.colorOf.get(series.key) ?? 0, theme, palette),
      dash: dashFor(grouping.strokeOf.get(series.key) ?? 0),
    }),
    [grouping, theme, palette],
  );
  const markerOf = (channel: Channel, at: number): Marker =>
    channel === 'color'
      ? { color: colorFor(at, theme, palette), dash: [] }
      : { color: 'currentColor', dash: dashFor(at) };

  const columns = useMemo(() => columnsOf(result, view.diff), [result, view.diff]);
  const find = useDeferredValue(view.find);
  const rows = useMemo(() => {
    const all = [RUN_COLUMN, ...columns];
    return sortRows(findRows(result.series, all, find), all, view.sort);
  }, [result.series, columns, find, view.sort]);
  const selectedRuns = useMemo(() => result.runs.filter((run) => selected.has(run.id)), [result.runs, selected]);
  const told = useMemo(() => tooltipFields(result, [...color, ...stroke, ...chart]), [color, stroke, chart, result]);

  const onZoom = useCallback(
    (key: string, window: Window) => {
      const [x, y] = [short(window.x), short(window.y)];
      change({ zoom: x || y ? { x, y, chart: y ? key : null } : null });
    },
    [change],
  );
  const onClip = useCallback(() => change({ clip: true }), [change]);
  const onToggle = useCallback(
    (series: Series) => change(toggle({ hidden, solo }, seriesToken(series))),
    [change, hidden, solo],
  );
  const { logX, logY, smooth, clip } = view;
  const drawing = useMemo(() => ({ x, logX, logY, smooth, clip }), [x, logX, logY, smooth, clip]);

  return (
    <div className={`explorer ${stale ? 'stale' : ''}`}>
      <Toolbar view={view} change={change} result={result} />
      <Split
        at={view.split}
        onMove={(split) => change({ split }, 'adjust')}
        top={
          <div className={`stage ${view.legend ? 'with-legend' : ''}`}>
            <ChartGrid
              charts={grouping.charts}
              view={drawing}
              zoom={view.zoom}
              shown={shown}
              detail={detail}
              marker={marker}
              theme={theme}
              sync={sync}
              onZoom={onZoom}
              onClip={onClip}
            />
            {view.legend && (
              <Legend
                grouping={grouping}
                by={{ color, stroke }}
                hiding={{ hidden, solo }}
                onChange={(hiding) => change(hiding)}
                markerOf={markerOf}
                highlight={highlight}
              />
            )}
          </div>
        }
        bottom={
          <section className="table-panel" aria-label="Runs">
            <TableBar
              view={view}
              change={change}
              found={rows.length}
              total={result.series.length}
              runs={result.runs.length}
              selected={selectedRuns}
              readOnly={readOnly}
              onClear={() => setSelected(new Set())}
              onEdited={onEdited}
            />
            <Table
              rows={rows}
              columns={columns}
              sort={view.sort}
              onSort={(sort) => change({ sort })}
              selected={selected}
              onSelect={setSelected}
              shown={shown}
              onToggle={onToggle}
              marker={marker}
              highlight={highlight}
            />
            {rows.length === 0 && (
              <p className="table-none">
                No row contains “<bdi>{view.find}</bdi>”.
              </p>
            )}
          </section>
        }
      />
      <Tooltip sync={sync} marker={marker} fields={told} x={x} />
    </div>
  );
}
