/** One chart per metric with its contexts overlaid, and the controls of the explorer for all. Pinned metrics come first. */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { ZoomRange } from '../../charts';
import { sentenceOf } from '../../data/error';
import { useDetail } from '../../data/useDetail';
import { Alignment } from '../../explorer/Alignment';
import { AxisChoice } from '../../explorer/AxisChoice';
import { startsLogX, startsLogY } from '../../explorer/axisScale';
import { Highlight } from '../../explorer/highlight';
import { smoothingOf, withoutDetail, type LineContext } from '../../explorer/lines';
import { AxesButton } from '../../explorer/panels';
import { ChartSync } from '../../explorer/sync';
import { SmoothingInput, ZoomButtons } from '../../explorer/Toolbar';
import { Tooltip } from '../../explorer/Tooltip';
import type { Change } from '../../explorer/view/store';
import { useView, ViewContext } from '../../explorer/view/useView';
import { shownZoom, type PinnedPoint, type View } from '../../explorer/view/view';
import { zoomedTo } from '../../explorer/view/places';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { FindField } from '../../parts/design/FindField';
import { Button } from '../../parts/design/controls';
import { useFrame } from '../../parts/useFrame';
import { usePins } from '../../parts/usePins';
import { countText, plural } from '../../text/format';
import { groupedBy } from '../../text/lists';
import { runName } from '../../text/runName';
import type { MetricSummary, Run } from '../../wire';
import { contextMarker } from './contextMarker';
import { MetricChart } from './MetricChart';
import { Passes } from './Passes';
import { useSeries, type SeriesOf } from './useSeries';
import '../../explorer/panels.css';

const COLUMNS = 500;
const AT_ONCE = 48;

interface MetricsProps {
  run: Run;
  metrics: readonly MetricSummary[];
  /** The text if there are none. */
  empty: ReactNode;
}

export function Metrics(props: MetricsProps): ReactNode {
  const [store] = useState(() => viewInAddress());
  if (props.metrics.length === 0) return props.empty;
  return (
    <ViewContext value={store}>
      <MetricCharts {...props} />
    </ViewContext>
  );
}

function MetricCharts({ run, metrics }: MetricsProps): ReactNode {
  const [pins, togglePin] = usePins();
  const [find, setFind] = useState('');
  const [most, setMost] = useState(AT_ONCE);
  const [view, change] = useView();
  const word = find.trim().toLowerCase();
  const names = useMemo(() => [...new Set(metrics.map((metric) => metric.name))], [metrics]);
  const matching = useMemo(() => names.filter((name) => name.toLowerCase().includes(word)), [names, word]);
  const pinned = matching.filter((name) => pins.includes(name));
  const others = matching.filter((name) => !pins.includes(name));
  const groups = [
    { title: 'Pinned', names: pinned },
    { title: 'Metrics', names: others },
  ];
  const shown = groups.flatMap((group) => group.names).slice(0, most);
  const series = useSeries(run, shown, COLUMNS, view);
  const { card, problem, tooltip } = useCharts(series, view, change);
  return (
    <>
      <p className="table-find">
        <FindField label="Find a metric" value={find} onFind={setFind} />
        <span className="count">
          {word ? `${countText(matching.length)} of ${plural(names.length, 'metric')}` : plural(names.length, 'metric')}
        </span>
        {series.failed && <span className="warn">The points could not be loaded.</span>}
      </p>
      <ChartControls series={series} view={view} change={change} />
      <Passes on={view.passes && view.x === 'step'} series={view.x === 'step' ? series.items : []} change={change} />
      <Alignment items={series.items} x={series.drawn.x} />
      {problem && (
        <p className="explorer-note" role="status">
          {problem}
        </p>
      )}
      {matching.length === 0 && (
        <p className="quiet">
          No metric contains “<bdi>{find}</bdi>”.
        </p>
      )}
      {groups.map(({ title, names: own }) => {
        const drawn = own.filter((name) => shown.includes(name));
        return (
          drawn.length > 0 && (
            <section key={title} aria-label={title} className="metric-group">
              <h2 className={pinned.length > 0 ? '' : 'hidden-text'}>{title}</h2>
              <div className="metric-grid">
                {drawn.map((name) => (
                  <MetricChart
                    key={name}
                    name={name}
                    series={series.of(name)}
                    pinned={pins.includes(name)}
                    onToggle={togglePin}
                    {...card}
                  />
                ))}
              </div>
            </section>
          )
        );
      })}
      {matching.length > most && (
        <Button look="outline" onClick={() => setMost(most + AT_ONCE)}>
          {`Show ${Math.min(AT_ONCE, matching.length - most)} more of ${plural(matching.length, 'metric')}`}
        </Button>
      )}
      {tooltip}
    </>
  );
}

interface ControlsProps {
  series: SeriesOf;
  view: View;
  change: Change;
}

function ChartControls({ series: { items, drawn }, view, change }: ControlsProps): ReactNode {
  const suggested = useMemo(() => {
    const charts = [...groupedBy(items, ({ name }) => name).values()];
    return {
      x: startsLogX(items, drawn.x),
      y: charts.length > 0 && charts.every((own) => startsLogY(own, view.yEnds)),
    };
  }, [items, drawn, view.yEnds]);
  return (
    <div className="toolbar metric-toolbar" role="toolbar" aria-label="Charts">
      <AxisChoice x={view.x} change={change} />
      <AxesButton view={view} change={change} suggested={suggested} />
      <span className="rule" />
      <SmoothingInput view={view} change={change} />
      <span className="stretch" />
      <ZoomButtons view={view} change={change} />
    </div>
  );
}

/** What all charts share, and what the pointer and a zoomed window need. */
function useCharts(series: SeriesOf, view: View, change: Change) {
  const { theme } = useFrame();
  const { items, drawn, statement } = series;
  const [sync] = useState(() => new ChartSync(new Highlight()));
  const byKey = useMemo<ChartSync['byKey']>(() => new Map(items.map((item) => [item.key, item])), [items]);
  useEffect(() => {
    sync.byKey = byKey;
  }, [sync, byKey]);
  const zoom = shownZoom(view);
  const split = drawn.passes && drawn.x === 'step';
  const { detail, problem } = useDetail(series, split ? null : statement, drawn.x, zoom?.x ?? null, view);
  const { smooth, average, xEnds, yEnds, logY, curve, clip, density, lit, drag } = view;
  const marker = useMemo(() => contextMarker(items, theme), [items, theme]);
  const drawing = useMemo<LineContext>(
    () => ({
      shown: new Set(items.map(({ key }) => key)),
      detail,
      marker,
      smoothing: smoothingOf({ smooth, average }),
    }),
    [items, detail, marker, smooth, average],
  );
  const { x } = drawn;
  const logX = view.logX ?? startsLogX(items, x);
  const axes = useMemo(
    () => ({ x, logX, logY, xEnds, yEnds, smooth, average, curve, clip, density, lit, drag }),
    [x, logX, logY, xEnds, yEnds, smooth, average, curve, clip, density, lit, drag],
  );
  const onZoom = useCallback(
    (key: string, window: ZoomRange) => change({ zoom: zoomedTo(view.zoom, key, window) }),
    [change, view.zoom],
  );
  const onPin = useCallback((pin: PinnedPoint | null) => change({ pin }, 'adjust'), [change]);
  const onClip = useCallback(() => change({ clip: true }), [change]);
  return {
    card: { drawing, view: axes, zoom, pin: view.pin, theme, sync, onZoom, onPin, onClip },
    problem: problem && `${withoutDetail(smoothingOf(view), detail)} ${sentenceOf(problem)} It is tried again.`,
    tooltip: (
      <Tooltip
        sync={sync}
        byKey={byKey}
        shown={drawing.shown}
        answered={statement}
        marker={marker}
        fields={NONE}
        names={runName}
        x={x}
        place={view.tipAt}
        held={view.pin !== null}
      />
    ),
  };
}

const NONE: readonly string[] = [];
