/** The explorer of one result: toolbar, charts, legend and table, all drawn from the same view. */
import { useCallback, useDeferredValue, useEffect, useMemo, useState, type ReactNode } from 'react';
import { colorFor, dashFor, type LegendBlock, type Zoom as Window } from '../charts';
import type { Result, Series } from '../data/result';
import { useDetail } from '../data/useDetail';
import type { Theme } from '../design/theme';
import type { Change } from '../state/useView';
import { axisMetric, shownZoom, type Channel, type Pin, type View, type XAxis } from '../state/view';
import { metricOrder } from './aimql';
import { arrange, moved, pinned, resized, ROW_HEIGHTS } from './arrange';
import { Aggregates, bundlesOf, byChartOf } from './bundles';
import { fieldsOf, varyingParams } from './channels';
import { ChartGrid } from './ChartGrid';
import { columnsOf, RUN_COLUMN } from './columns';
import { csvOf, download, fileName } from './csv';
import { ExportDialog } from './ExportDialog';
import { fieldOf } from './fields';
import { countText, plural } from './format';
import { group, valuesText, type Group } from './grouping';
import { Highlight } from './highlight';
import { Legend } from './Legend';
import type { Drawing, Grouped, Marker } from './lines';
import { DASHES, paletteOf, placesOf } from './looks';
import { findRows, groupRows, plainRows, sortRows, textOfRow, valueOf, type Row } from './rows';
import { Split } from './Split';
import { ChartSync } from './sync';
import { Table, type ColumnActions } from './Table';
import { TableBar } from './TableBar';
import { Toolbar } from './Toolbar';
import { Tooltip, tooltipFields } from './Tooltip';
import { drawn, seriesToken, toggleAll } from './visibility';

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

/** So many lines are drawn, but not at the pace of fewer. */
const MANY = 2000;
const AGGREGATE_PLACES = 800;
/** The name of a group is all of its values. */
const GROUP_COLUMN = { ...RUN_COLUMN, width: 270 };

export function Explorer(props: ExplorerProps): ReactNode {
  const { result, answered, x, view, change, theme, readOnly, stale, onEdited } = props;
  const [highlight] = useState(() => new Highlight());
  const [sync] = useState(() => new ChartSync(highlight));
  const [aggregates] = useState(() => new Aggregates());
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [exporting, setExporting] = useState(false);
  const zoom = shownZoom(view);
  const detail = useDetail(result, answered, x, zoom?.x ?? null, view.smooth > 0 || view.average > 1);

  const { hidden, solo, allBut, off } = view;
  const varying = useMemo(() => varyingParams(result), [result]);
  const fields = useMemo(() => {
    const chosen = { color: view.color, stroke: view.stroke, chart: view.chart, allBut, off };
    const of = (channel: Channel): readonly string[] => fieldsOf(chosen, channel, varying);
    return { color: of('color'), stroke: of('stroke'), chart: of('chart') };
  }, [view.color, view.stroke, view.chart, allBut, off, varying]);
  const grouping = useMemo(
    () => group(result.series, fields, metricOrder(answered)),
    [result.series, fields, answered],
  );
  const bundles = useMemo(() => bundlesOf(grouping), [grouping]);
  const shown = useMemo(
    () => drawn(result.series, grouping, { hidden, solo }),
    [result.series, grouping, hidden, solo],
  );
  useEffect(() => {
    sync.byKey = new Map([...result.series, ...bundles].map((one) => [one.key, one]));
  }, [sync, result.series, bundles]);
  useEffect(() => setSelected(new Set()), [answered]);

  const { keep, seed } = view;
  const keepsColor = keep.includes('color');
  const palette = paletteOf(view.palette, grouping.colors.length, keepsColor);
  const colorAt = useMemo(
    () => placesOf(grouping.colors, palette.light.length, keepsColor, seed),
    [grouping, palette, keepsColor, seed],
  );
  const strokeAt = useMemo(
    () => placesOf(grouping.strokes, DASHES, keep.includes('stroke'), seed),
    [grouping, keep, seed],
  );
  const marker = useCallback(
    (series: Series): Marker => ({
      color: colorFor(colorAt[grouping.colorOf.get(series.key) ?? 0] ?? 0, theme, palette),
      dash: dashFor(strokeAt[grouping.strokeOf.get(series.key) ?? 0] ?? 0),
    }),
    [grouping, colorAt, strokeAt, theme, palette],
  );
  const rowMarker = useCallback((row: Row) => marker(row.members[0]), [marker]);
  const markerOf = (channel: Channel, at: number): Marker | null => {
    if (channel === 'chart') return null;
    if (channel === 'stroke') return { color: 'currentColor', dash: dashFor(strokeAt[at] ?? 0) };
    return { color: colorFor(colorAt[at] ?? 0, theme, palette), dash: [] };
  };

  const all = useMemo(() => [RUN_COLUMN, ...columnsOf(result, false)], [result]);
  const columns = useMemo(() => (view.diff ? [RUN_COLUMN, ...columnsOf(result, true)] : all), [result, all, view.diff]);
  const { without, left, right, order, widths } = view;
  const layout = useMemo(() => ({ without, left, right, order, widths }), [without, left, right, order, widths]);
  const arranged = useMemo(
    () => arrange(view.group ? columns.map((column) => (column === RUN_COLUMN ? GROUP_COLUMN : column)) : columns, layout),
    [columns, layout, view.group],
  );
  const find = useDeferredValue(view.find);
  const found = useMemo(
    () => sortRows(findRows(result.series, columns, find), columns, view.sort),
    [result.series, columns, find, view.sort],
  );
  const rows = useMemo(
    () => (view.group ? groupRows(bundles, found, view.open, columns, view.sort) : plainRows(found)),
    [view.group, view.open, view.sort, bundles, found, columns],
  );
  const selectedRuns = useMemo(() => result.runs.filter((run) => selected.has(run.id)), [result.runs, selected]);
  const differing = useMemo(() => tooltipFields(result, [...fields.color, ...fields.stroke, ...fields.chart]), [fields, result]);
  const told = view.tip ?? differing;

  const onZoom = useCallback(
    (key: string, window: Window) => {
      const [along, up] = [short(window.x), short(window.y)];
      change({ zoom: along || up ? [...view.zoom, { x: along, y: up, chart: up ? key : null }] : [] });
    },
    [change, view.zoom],
  );
  const onPin = useCallback((pin: Pin | null) => change({ pin }, 'adjust'), [change]);
  const onClip = useCallback(() => change({ clip: true }), [change]);
  const onToggle = useCallback(
    (row: Row) => change(toggleAll({ hidden, solo }, row.members.map(seriesToken))),
    [change, hidden, solo],
  );
  const { open } = view;
  const onOpen = useCallback(
    ({ key }: Row) => change({ open: open.includes(key) ? open.filter((other) => other !== key) : [...open, key] }),
    [change, open],
  );
  const held = view.pin?.key ?? null;
  const onHold = useCallback(
    (row: Row) => {
      const last = row.members[0].x[row.members[0].x.length - 1];
      if (row.key === held || last === undefined) onPin(null);
      else onPin({ key: row.key, x: last });
    },
    [held, onPin],
  );
  const columnActions = useMemo<ColumnActions>(
    () => ({
      hide: (id) => change({ without: [...layout.without, id] }),
      pin: (id, side) => change(pinned(layout, id, side)),
      move: (id, steps) => change(moved(columns, layout, id, steps)),
      resize: (id, width, kind) => change(resized(layout, id, width), kind),
    }),
    [change, columns, layout],
  );

  const { logX, logY, xEnds, yEnds, smooth, average, curve, clip, lit } = view;
  const axes = useMemo(
    () => ({ x, logX, logY, xEnds, yEnds, smooth, average, curve, clip, lit }),
    [x, logX, logY, xEnds, yEnds, smooth, average, curve, clip, lit],
  );
  const drawing = useMemo<Drawing>(() => ({ shown, detail, marker }), [shown, detail, marker]);
  const { line, area } = view;
  const [from, to] = zoom?.x ?? [null, null];
  const grouped = useMemo<Grouped>(() => {
    const scales = { xScale: logX ? 'log' : 'linear', yScale: logY ? 'log' : 'linear' } as const;
    const window = from === null || to === null ? null : ([from, to] as const);
    return { aggregates, open, options: { line, area, ...scales, most: AGGREGATE_PLACES, window } };
  }, [aggregates, open, line, area, logX, logY, from, to]);
  const byChart = useMemo(() => (view.group ? byChartOf(bundles) : null), [view.group, bundles]);
  const largest = bundles.reduce((most, { members }) => Math.max(most, members.length), 0);

  const onCSV = (): void => {
    const out = [...arranged.left, ...arranged.middle, ...arranged.right];
    const texts = rows.map(({ members }) => out.map((column) => csvValue(column, members)));
    const text = csvOf([out.map(({ label }) => label), ...texts]);
    download(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }), fileName(answered, 'csv'));
  };
  const legend = (): LegendBlock[] =>
    (['color', 'stroke'] as const)
      .filter((channel) => fields[channel].length > 0)
      .map((channel) => ({
        title: `${channel === 'color' ? 'Colour' : 'Stroke'}: ${fields[channel].map((id) => fieldOf(id).label).join(', ')}`,
        items: (channel === 'color' ? grouping.colors : grouping.strokes).map((one: Group, at) => {
          const look = markerOf(channel, at);
          const color = channel === 'stroke' ? '#888888' : look?.color;
          return { label: valuesText(one), color, dash: look?.dash };
        }),
      }));

  return (
    <div className={`explorer ${stale ? 'stale' : ''}`}>
      <Toolbar
        view={view}
        change={change}
        result={result}
        groups={bundles.length}
        largest={largest}
        told={differing}
        onExport={() => setExporting(true)}
      />
      <Alignment result={result} x={x} />
      {!view.group && shown.size > MANY && (
        <p className="explorer-note">
          {countText(shown.size)} lines are drawn. Groups, or a narrower query, answer faster and say more.
        </p>
      )}
      <Split
        at={view.split}
        onMove={(split) => change({ split }, 'adjust')}
        top={
          <div className={`stage ${view.legend ? 'with-legend' : ''}`}>
            <ChartGrid
              charts={grouping.charts}
              bundles={byChart}
              grouped={grouped}
              drawing={drawing}
              view={axes}
              zoom={zoom}
              pin={view.pin}
              theme={theme}
              sync={sync}
              built={exporting}
              onZoom={onZoom}
              onPin={onPin}
              onClip={onClip}
            />
            {view.legend && (
              <Legend
                grouping={grouping}
                by={fields}
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
              found={found.length}
              total={result.series.length}
              runs={result.runs.length}
              selected={selectedRuns}
              columns={all}
              readOnly={readOnly}
              onClear={() => setSelected(new Set())}
              onEdited={onEdited}
              onLines={(on) => {
                const tokens = result.series.filter(({ run }) => selected.has(run.id)).map(seriesToken);
                const rest = hidden.filter((token) => !tokens.includes(token));
                change({ hidden: on ? rest : [...rest, ...tokens] });
              }}
              onCSV={onCSV}
              onOpenAll={view.group ? (to) => change({ open: to ? bundles.map(({ key }) => key) : [] }) : null}
            />
            <Table
              rows={rows}
              columns={arranged}
              rowHeight={ROW_HEIGHTS[view.rows]}
              sort={view.sort}
              onSort={(sort) => change({ sort })}
              layout={columnActions}
              selected={selected}
              onSelect={setSelected}
              shown={shown}
              onToggle={onToggle}
              onOpen={onOpen}
              onHold={onHold}
              marker={rowMarker}
              highlight={highlight}
              sync={sync}
            />
            {rows.length === 0 && (
              <p className="table-none">
                No row contains “<bdi>{view.find}</bdi>”.
              </p>
            )}
          </section>
        }
      />
      <Tooltip sync={sync} marker={marker} fields={told} x={x} place={view.tipAt} held={view.pin !== null} />
      {exporting && (
        <ExportDialog
          charts={grouping.charts}
          sync={sync}
          legend={legend()}
          theme={theme}
          title={answered}
          onClose={() => setExporting(false)}
        />
      )}
    </div>
  );
}

/** Numbers as they are, everything else as the table says it. */
function csvValue(column: Parameters<typeof valueOf>[0], members: Row['members']): unknown {
  const value = valueOf(column, members);
  return typeof value === 'number' && column.end ? value : textOfRow(column, members);
}

/** Lines that lack the metric on the axis, or in which it falls, are named: the picture would hide it. */
function Alignment({ result, x }: { result: Result; x: XAxis }): ReactNode {
  const metric = axisMetric(x);
  if (metric === null) return null;
  const missing = result.series.filter((series) => series.count > 0 && series.x.length === 0).length;
  const back = result.series.filter((series) => series.back).length;
  if (missing === 0 && back === 0) return null;
  const parts = [
    missing > 0 && `${plural(missing, 'line')} cannot be placed along it: no point of it at the same steps`,
    back > 0 && `in ${plural(back, 'line')} it falls somewhere; points are drawn by rising value`,
  ].filter(Boolean);
  return (
    <p className="explorer-note" role="status">
      Along <bdi>{metric}</bdi>: {parts.join('; ')}.
    </p>
  );
}
