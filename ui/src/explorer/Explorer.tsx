/** The explorer of one result: toolbar, charts, legend and table, all from the same view. */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { ExportSheet, ZoomRange } from '../charts';
import { passKeyword } from '../data/passes';
import type { Result, Run } from '../data/result';
import { sentenceOf } from '../data/error';
import { useDetail } from '../data/useDetail';
import { Button } from '../parts/design/controls';
import { useDirections } from '../parts/directions';
import type { Theme } from '../parts/design/theme';
import type { Change } from './view/store';
import { useLost, useView } from './view/useView';
import { pinPlaced, zoomedTo, zoomPlaced } from './view/places';
import { shownZoom, type PinnedPoint, type View } from './view/view';
import type { XAxis } from '../data/axis';
import { metricOrder } from '../text/aimql';
import { startsLogX, startsLogY } from './axisScale';
import { Alignment } from './Alignment';
import { Aggregates, byChartOf, type Bundle } from './bundles';
import { ChartGrid } from './ChartGrid';
import { chartTheme } from './chartTheme';
import { runColumn, seriesColumns, type Column } from './columns';
import { DensityNote } from './DensityNote';
import { directionItems } from './directionItems';
import { ExportDialog } from './ExportDialog';
import { countText, plural } from '../text/format';
import { groupName } from './groupNames';
import { Highlight } from './highlight';
import { Legend } from './Legend';
import { smoothingOf, withoutDetail, type LineContext, type Grouped } from './lines';
import type { Row } from './rows';
import { colored, isScaled, rangeIn, scalingItem } from './shade';
import { Split } from './Split';
import { Stage } from './Stage';
import { ChartSync } from './sync';
import { TablePanel } from './TablePanel';
import { Toolbar } from './Toolbar';
import { Tooltip, tooltipFields } from './Tooltip';
import { useStyle } from './useStyle';
import { withSharedSteps } from './sharedSteps';
import { runName } from '../text/runName';
import { itemToken, toggleAll } from './visibility';

interface ExplorerProps {
  result: Result;
  answered: string;
  /** The axis of the points in `result`; another one may be chosen and still loading. */
  x: XAxis;
  /** The lines in `result` are split into passes over their steps. */
  split: boolean;
  theme: Theme;
  stale: boolean;
  /** Further actions for the run of a pinned point. */
  foot?: (run: Run) => ReactNode;
  /** Further actions for selected runs. */
  batch?: (runs: readonly Run[]) => ReactNode;
}

interface ViewProps {
  view: View;
  change: Change;
}

const AGGREGATE_PLACES = 800;
/** Columns whose values are better or worse. */
const OF_METRIC: ReadonlySet<string> = new Set(['last', 'best', 'min', 'max']);

export function Explorer(props: ExplorerProps): ReactNode {
  const { result, answered, x, split, theme, stale, foot, batch } = props;
  const [view, change] = useView();
  const [highlight] = useState(() => new Highlight());
  const [sync] = useState(() => new ChartSync(highlight));
  const [aggregates] = useState(() => new Aggregates());
  const [exporting, setExporting] = useState(false);
  const asked = shownZoom(view);
  const { detail, problem } = useDetail(result, split ? null : answered, x, asked?.x ?? null, view);

  const { hidden, solo } = view;
  const order = useMemo(() => metricOrder(answered), [answered]);
  const style = useStyle(result, view, theme, order);
  const { fields, telling, names, grouping, bundles, shown, marker, markerOf, legend } = style;
  const zoom = useMemo(() => zoomPlaced(asked, grouping.charts), [asked, grouping.charts]);
  const pin = useMemo(() => pinPlaced(view.pin, result.items), [view.pin, result.items]);
  const byKey = useMemo<ChartSync['byKey']>(
    () => new Map([...result.items, ...bundles].map((item) => [item.key, item])),
    [result.items, bundles],
  );
  useEffect(() => {
    sync.byKey = byKey;
  }, [sync, byKey]);
  const directions = useDirections();
  const metrics = useMemo(() => [...new Set(result.items.map(({ name }) => name))], [result.items]);
  const { scale, scaled } = view;
  const columns = useMemo(() => {
    const { gradient } = chartTheme(theme);
    return [
      runColumn(names),
      ...seriesColumns(result, view.group, directions.of).map((column) =>
        isScaled({ scale, scaled }, column) ? colored(column, rangeIn(column, result.items), gradient) : column,
      ),
    ] as const;
  }, [result, names, view.group, directions.of, scale, scaled, theme]);
  const columnMenu = useCallback(
    (column: Column) => [
      ...(OF_METRIC.has(column.id) ? directionItems(metrics, directions) : []),
      ...scalingItem(column, { scale, scaled }, change),
    ],
    [metrics, directions, scale, scaled, change],
  );
  const differing = useMemo(
    () => tooltipFields(result, [...fields.color, ...fields.stroke, ...fields.chart]),
    [fields, result],
  );
  const told = view.tip ?? differing;

  const onZoom = useCallback(
    (key: string, window: ZoomRange) => change({ zoom: zoomedTo(view.zoom, key, window) }),
    [change, view.zoom],
  );
  const onPin = useCallback((pin: PinnedPoint | null) => change({ pin }, 'adjust'), [change]);
  const onClip = useCallback(() => change({ clip: true }), [change]);
  const onToggle = useCallback(
    (row: Row) => change(toggleAll({ hidden, solo }, row.members.map(itemToken))),
    [change, hidden, solo],
  );
  const { open } = view;
  /** In the order of the page. */
  const panels = useCallback((): ExportSheet['panels'] => {
    const built = new Map([...sync.charts].map(([chart, key]) => [key, chart]));
    return grouping.charts.flatMap((item) => {
      const chart = built.get(item.key);
      return chart ? [{ title: groupName(item), chart }] : [];
    });
  }, [grouping.charts, sync]);
  const held = pin?.key ?? null;
  const onHold = useCallback(
    (row: Row) => {
      const [{ x: places, y }] = row.members;
      const last = places[y.findLastIndex(Number.isFinite)] ?? places[places.length - 1];
      if (row.key === held || last === undefined) onPin(null);
      else onPin({ key: row.key, x: last });
    },
    [held, onPin],
  );
  const suggested = useMemo(
    () => ({
      x: startsLogX(result.items, x),
      y: grouping.charts.every(({ items }) => startsLogY(items, view.yEnds)),
    }),
    [result.items, x, grouping.charts, view.yEnds],
  );
  const logX = view.logX ?? suggested.x;
  const { logY, xEnds, yEnds, smooth, average, curve, clip, density, lit, drag } = view;
  const axes = useMemo(
    () => ({ x, logX, logY, xEnds, yEnds, smooth, average, curve, clip, density, lit, drag }),
    [x, logX, logY, xEnds, yEnds, smooth, average, curve, clip, density, lit, drag],
  );
  const drawing = useMemo<LineContext>(
    () => ({ shown, detail, marker, smoothing: smoothingOf({ smooth, average }) }),
    [shown, detail, marker, smooth, average],
  );
  const { line, area } = view;
  const [from, to] = (view.group ? zoom?.x : null) ?? [null, null];
  const grouped = useMemo<Grouped>(() => {
    const xScale = logX ? 'log' : 'linear';
    const window = from === null || to === null ? null : ([from, to] as const);
    return { aggregates, open, options: { line, area, xScale, most: AGGREGATE_PLACES, window } };
  }, [aggregates, open, line, area, logX, from, to]);
  const byChart = useMemo(() => (view.group ? byChartOf(bundles) : null), [view.group, bundles]);
  const largest = bundles.reduce((most, { members }) => Math.max(most, members.length), 0);

  return (
    <div className={`explorer ${stale ? 'stale' : ''}`}>
      <Toolbar
        view={view}
        change={change}
        result={result}
        telling={telling}
        groups={bundles.length}
        largest={largest}
        told={differing}
        suggested={suggested}
        onExport={() => setExporting(true)}
      />
      <LostLists />
      <Alignment items={result.items} x={x} />
      {split && <SplitLines result={result} view={view} change={change} />}
      {x === 'step' && !split && <SharedSteps result={result} view={view} change={change} />}
      {problem && (
        <p className="explorer-note" role="status">
          {withoutDetail(smoothingOf(view), detail)} {sentenceOf(problem)} It is tried again.
        </p>
      )}
      {!view.group && <DensityNote view={view} change={change} charts={grouping.charts} shown={shown} />}
      <Split
        at={view.split}
        onMove={(split) => change({ split }, 'adjust')}
        top={
          <Stage
            view={view}
            change={change}
            grouping={grouping}
            legend={
              view.legend && (
                <Legend
                  grouping={grouping}
                  by={fields}
                  hiding={{ hidden, solo }}
                  onChange={(hiding) => change(hiding)}
                  markerOf={markerOf}
                  highlight={highlight}
                  shown={shown}
                />
              )
            }
          >
            <ChartGrid
              charts={grouping.charts}
              bundles={byChart}
              grouped={grouped}
              drawing={drawing}
              view={axes}
              zoom={zoom}
              pin={pin}
              theme={theme}
              sync={sync}
              built={exporting}
              onZoom={onZoom}
              onPin={onPin}
              onClip={onClip}
            />
          </Stage>
        }
        bottom={
          <TablePanel
            noun="series"
            result={result}
            answered={answered}
            bundles={view.group ? bundles : null}
            columns={columns}
            view={view}
            change={change}
            shown={shown}
            marker={marker}
            onToggle={onToggle}
            onHold={onHold}
            highlight={highlight}
            sync={sync}
            columnMenu={columnMenu}
            tools={<LineTools view={view} change={change} bundles={bundles} />}
            batch={(runs) => (
              <>
                <LineBatch runs={runs} result={result} view={view} change={change} />
                {batch?.(runs)}
              </>
            )}
          />
        }
      />
      <Tooltip
        sync={sync}
        byKey={byKey}
        shown={shown}
        answered={answered}
        marker={marker}
        fields={told}
        names={names}
        x={x}
        place={view.tipAt}
        held={pin !== null}
        foot={foot}
      />
      {exporting && (
        <ExportDialog
          panels={panels}
          legend={legend()}
          theme={theme}
          title={answered}
          onClose={() => setExporting(false)}
        />
      )}
    </div>
  );
}

function LineTools({ view, change, bundles }: ViewProps & { bundles: readonly Bundle[] }): ReactNode {
  return (
    <>
      {view.group && (
        <Button small onClick={() => change({ open: view.open.length === 0 ? bundles.map(({ key }) => key) : [] })}>
          {view.open.length === 0 ? 'List all lines' : 'Groups only'}
        </Button>
      )}
      {view.hidden.length > 0 && (
        <Button small icon="eye" onClick={() => change({ hidden: [], solo: null })}>
          Show all lines
        </Button>
      )}
    </>
  );
}

function LostLists(): ReactNode {
  if (!useLost()) return null;
  return (
    <p className="explorer-note" role="status">
      This link hides some lines, but the list of them is not stored here, so all lines are shown. Ask for a new link.
    </p>
  );
}

/** Shows or hides the lines of selected runs. */
function LineBatch({ runs, result, view, change }: ViewProps & { result: Result; runs: readonly Run[] }): ReactNode {
  const set = (on: boolean): void => {
    const ids = new Set(runs.map(({ id }) => id));
    const tokens = result.items.filter(({ run }) => ids.has(run.id)).map(itemToken);
    const rest = view.hidden.filter((token) => !tokens.includes(token));
    change({ hidden: on ? rest : [...rest, ...tokens] });
  };
  return (
    <>
      <Button small icon="eyeOff" onClick={() => set(false)}>
        Hide lines
      </Button>
      <Button small icon="eye" onClick={() => set(true)}>
        Show lines
      </Button>
    </>
  );
}

/** Says why lines go up and down at each step, and offers what shows them in their order. */
function SharedSteps({ result, view, change }: ViewProps & { result: Result }): ReactNode {
  const lines = useMemo(() => withSharedSteps(result.items), [result.items]);
  const [first] = lines;
  if (!first) return null;
  const passField = `context.${passKeyword(result.items)}`;
  return (
    <p className="explorer-note" role="status">
      {lines.length === 1 ? (
        <>
          In a line of <bdi>{runName(first.run)}</bdi>
        </>
      ) : (
        `In ${plural(lines.length, 'line')}`
      )}{' '}
      several values share a step: the steps start again within the run, or a step was tracked several times.{' '}
      <Button
        small
        look="outline"
        onClick={() => change({ passes: true, stroke: [...new Set([...view.stroke, passField])], zoom: [], pin: null })}
      >
        Split into passes
      </Button>{' '}
      <Button small look="outline" onClick={() => change({ x: 'relative', zoom: [], pin: null, xEnds: [null, null] })}>
        Show along time
      </Button>
    </p>
  );
}

/** Says what split lines are and lack, and joins them again. */
function SplitLines({ result, view, change }: ViewProps & { result: Result }): ReactNode {
  const passes = result.items.flatMap(({ pass }) => pass ?? []);
  const fields = new Set(passes.map(({ keyword }) => `context.${keyword}`));
  const long = result.items.some(({ sampled }) => sampled);
  return (
    <p className="explorer-note" role="status">
      {passes.length > 0
        ? `Lines whose steps start again are split into ${countText(passes.length)} passes.`
        : "No line's steps restart."}
      {long && ' Long lines are drawn with fewer points and are not smoothed while they are split.'}{' '}
      <Button
        small
        look="outline"
        onClick={() =>
          change({ passes: false, stroke: view.stroke.filter((id) => !fields.has(id)), zoom: [], pin: null })
        }
      >
        {passes.length > 0 ? 'Join passes' : 'Do not split lines'}
      </Button>
    </p>
  );
}
