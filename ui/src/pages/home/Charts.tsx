/** The right side of the home page: what applies to all charts, the wall, and the enlarged chart. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { ChartOptions, ZoomRange } from '../../charts';
import { axisKind, X_AXES, type XAxis } from '../../data/axis';
import { chartTheme } from '../../explorer/chartTheme';
import type { Highlight } from '../../explorer/highlight';
import { ChartSync } from '../../explorer/sync';
import { DEFAULT_VIEW, type View } from '../../explorer/view/view';
import { adjust } from '../../parts/address';
import { Button, Choice } from '../../parts/design/controls';
import { FindField } from '../../parts/design/FindField';
import { Explained, Notice, Skeleton } from '../../parts/states';
import { useFrame } from '../../parts/useFrame';
import { usePins } from '../../parts/usePins';
import { useRemembered } from '../../parts/useRemembered';
import { countText, plural } from '../../text/format';
import { metricWords } from '../../text/words';
import { AddToDashboard, SaveAsDashboard } from '../dashboards/AddToDashboard';
import { Enlarged } from './Enlarged';
import type { EnlargedHeadProps } from './EnlargedPanel';
import type { RunLook } from './lines';
import { conditionOn } from './runList';
import { sectionsOf, SYSTEM } from './sections';
import { useCurves } from './useCurves';
import { useMetrics, type WallNames } from './useRuns';
import { SmoothingSlider } from './SmoothingSlider';
import { useTyped } from './useTyped';
import type { ChangeWall } from './useWall';
import { Wall } from './Wall';
import type { WallCurves } from './wallCurves';
import { tipOf, WallTip } from './WallTip';
import type { WallView } from './wallView';

interface ChartsProps {
  drawn: readonly string[];
  look: RunLook;
  view: WallView;
  change: ChangeWall;
  highlight: Highlight;
  /** Opens the list of runs where there is no room for it. */
  beside: ReactNode;
}

export function Charts({ drawn, look, view, change, highlight, beside }: ChartsProps): ReactNode {
  const { theme } = useFrame();
  const { names, failed, again } = useMetrics(drawn, view.charts);
  const { axis: x, smoothing: smooth } = view;
  const curves = useCurves({ runs: drawn, x, smooth, sources: names?.sources ?? NONE });
  const [sync] = useState(() => new ChartSync(highlight));
  useEffect(() => {
    sync.byKey = curves.byKey;
  }, [sync, curves]);
  const [charts, setCharts] = useTyped(view.charts, (charts) => change({ charts }, { replace: true }));
  const [pins, onPin] = usePins();
  const sections = useMemo(() => sectionsOf(names?.names ?? NONE, charts, pins), [names, charts, pins]);
  const [isFolded, onFold] = useFolds(charts !== '');
  const options = useMemo(() => optionsOf(view.axis, view.smoothing, theme), [view.axis, view.smoothing, theme]);
  const onEnlarge = useCallback(
    (metric: string, window: ZoomRange | null) => {
      sync.clear();
      enlarge(metric, window);
    },
    [sync],
  );
  const { metric } = view;
  const { hidden } = look;
  const shown = useMemo(() => drawn.filter((id) => !hidden.has(id)), [drawn, hidden]);
  const order = useMemo(() => sections.flatMap((section) => section.names), [sections]);
  const unfolded = useMemo(
    () => sections.flatMap((section) => (isFolded(section.key) ? [] : section.names)),
    [sections, isFolded],
  );
  const stepTo = (by: number): (() => void) | null => {
    const next = metric === null ? undefined : order[order.indexOf(metric) + by];
    return next === undefined || !order.includes(metric ?? '')
      ? null
      : () => change({ metric: next }, { replace: true });
  };
  return (
    <div className="wall-side">
      <div className="wall-side-inner" inert={metric !== null}>
        <div className="toolbar wall-tools" role="toolbar" aria-label="Charts">
          <span className="wall-list-button">{beside}</span>
          <FindField label="Find a chart" value={charts} onFind={setCharts} />
          <Found names={names} shown={order.length} />
          <span className="stretch" />
          <SaveAsDashboard names={unfolded} view={view} />
          <Choice label="Horizontal axis" value={view.axis} options={X_AXES} onChange={(axis) => change({ axis })} />
          <SmoothingSlider
            className="wall-smoothing"
            value={view.smoothing}
            onRest={(smoothing) => change({ smoothing }, { replace: true })}
          />
        </div>
        <WallProblem curves={curves} failed={failed} again={again} />
        {names === null ? (
          <Skeleton />
        ) : order.length === 0 ? (
          <Nothing
            find={charts}
            of={drawn.length === 0 ? 'runs' : names.names.length === 0 && charts === '' ? 'metrics' : 'charts'}
          />
        ) : (
          <Wall
            curves={curves}
            sections={sections}
            isFolded={isFolded}
            onFold={charts === '' ? onFold : null}
            covered={metric !== null}
            look={look}
            options={options}
            sync={sync}
            onPin={onPin}
            onEnlarge={onEnlarge}
          />
        )}
      </div>
      <WallTip sync={sync} {...tipOf(curves)} look={look} x={view.axis} />
      {metric !== null && names !== null && (
        <EnlargedMetric
          metric={metric}
          runs={shown}
          sources={names.sources}
          view={view}
          onClose={() => change({ metric: null })}
          onStep={{ before: stepTo(-1), after: stepTo(1) }}
        />
      )}
    </div>
  );
}

interface EnlargedMetricProps extends Omit<EnlargedHeadProps, 'title'> {
  metric: string;
  /** Ids of the shown runs. */
  runs: readonly string[];
  sources: readonly string[];
  view: WallView;
}

function EnlargedMetric({ metric, runs, sources, view, ...head }: EnlargedMetricProps): ReactNode {
  const q = useMemo(
    () => (runs.length === 0 ? null : `${metricWords(metric, sources)} if ${conditionOn(runs)}`),
    [metric, sources, runs],
  );
  const { axis: x, smoothing: smooth } = view;
  const standard = useMemo<View>(() => ({ ...DEFAULT_VIEW, q, x, smooth }), [q, x, smooth]);
  const actions = <AddToDashboard name={metric} view={view} />;
  return <Enlarged id={metric} title={metric} q={q} standard={standard} actions={actions} {...head} />;
}

/** A window brushed in a small chart is shown where there is room for it. */
function enlarge(metric: string, window: ZoomRange | null): void {
  adjust({
    page: 'home',
    metric,
    zoom: window?.x ? window.x.map((end) => Number(end.toPrecision(12))).join('~') : null,
  });
}

const NONE: readonly string[] = [];

function optionsOf(x: XAxis, smoothing: number, theme: 'light' | 'dark'): Partial<ChartOptions> {
  return {
    xKind: axisKind(x),
    xLabel: '',
    theme: chartTheme(theme),
    smoothing: { kind: smoothing > 0 ? 'ema' : 'none', amount: smoothing },
  };
}

const UNFOLDED: Readonly<Record<string, boolean>> = {};

/** Which sections are folded: in this browser, for this repository. While charts are searched for, none is. */
function useFolds(searching: boolean): [(key: string) => boolean, (key: string, folded: boolean) => void] {
  const [folds, change] = useRemembered('folds', UNFOLDED);
  const isFolded = useCallback(
    (key: string) => !searching && (Object.hasOwn(folds, key) ? folds[key] === true : key === SYSTEM),
    [folds, searching],
  );
  const onFold = useCallback(
    (key: string, folded: boolean) => change((before) => ({ ...before, [key]: folded })),
    [change],
  );
  return [isFolded, onFold];
}

function Found({ names, shown }: { names: WallNames | null; shown: number }): ReactNode {
  if (names === null) return null;
  const { length } = names.names;
  return (
    <span className="count" role="status">
      {shown === length ? plural(length, 'chart') : `${countText(shown)} of ${plural(length, 'chart')}`}
      {names.matched > length && ` · ${countText(length)} of ${plural(names.matched, 'metric')} loaded`}
    </span>
  );
}

function WallProblem({ curves, failed, again }: { curves: WallCurves; failed: boolean; again: () => void }): ReactNode {
  const problem = useSyncExternalStore(curves.subscribe, () => curves.problem);
  const { reachable } = useFrame().server;
  if (!reachable || (!problem && !failed)) return null;
  return (
    <p className="explorer-note" role="alert">
      Some charts could not be loaded. {problem && <Explained problem={problem} />}{' '}
      <Button small look="outline" icon="reset" onClick={() => (failed ? again() : curves.again())}>
        Try again
      </Button>
    </p>
  );
}

function Nothing({ find, of }: { find: string; of: 'runs' | 'metrics' | 'charts' }): ReactNode {
  if (of === 'runs')
    return (
      <Notice icon="search" title="No runs are shown">
        <p>Click the dot of a run to show its lines.</p>
      </Notice>
    );
  if (of === 'metrics')
    return (
      <Notice icon="search" title="No metrics">
        <p>The shown runs have no metrics yet. Charts appear here with their first points.</p>
      </Notice>
    );
  return (
    <Notice icon="search" title="No chart matches">
      <p>
        No metric contains “<bdi>{find}</bdi>”.
      </p>
    </Notice>
  );
}
