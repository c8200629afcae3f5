/** Holds one framework-free chart: React passes lines and options, the chart draws and reports back. */
import { memo, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { LineChart, type ChartOptions, type Hover, type Line, type ScaleKind, type ZoomRange } from '../charts';
import { Button } from '../parts/design/controls';
import type { Theme } from '../parts/design/theme';
import { useNear } from '../parts/useNear';
import type { PinnedPoint, View, Zoom } from './view/view';
import { axisKind, axisLabel } from '../data/axis';
import { startsLogY } from './axisScale';
import type { Bundle } from './bundles';
import { chartTheme } from './chartTheme';
import { drawnText } from './diverged';
import { plural } from '../text/format';
import { MISSING } from './fields';
import { withoutMissing } from './groupNames';
import type { Group } from './grouping';
import { bundleLines, smoothingOf, drawnLine, type LineContext, type Grouped } from './lines';
import { ruledByOutliers } from './outliers';
import type { ChartSync } from './sync';

export type Axes = Pick<
  View,
  'x' | 'logX' | 'logY' | 'xEnds' | 'yEnds' | 'smooth' | 'average' | 'curve' | 'clip' | 'density' | 'lit' | 'drag'
>;

export interface ChartCardProps {
  group: Group;
  /** For grouped lines: the groups of this chart. */
  bundles: readonly Bundle[] | null;
  /** How they are drawn. */
  grouped: Grouped | null;
  drawing: LineContext;
  view: Axes;
  zoom: Zoom | null;
  pin: PinnedPoint | null;
  theme: Theme;
  sync: ChartSync;
  /** Build it even if it is out of sight, for an image of all charts. */
  built: boolean;
  onZoom: (chart: string, zoom: ZoomRange) => void;
  onPin: (pin: PinnedPoint | null) => void;
  onClip: () => void;
  /** Instead of the values of the group. */
  title?: ReactNode;
  actions?: ReactNode;
  /** Below the chart. */
  foot?: ReactNode;
}

function optionsOf(
  view: Axes,
  zoom: Zoom | null,
  chart: string,
  theme: Theme,
  yScale: ScaleKind,
): Partial<ChartOptions> {
  return {
    xScale: view.logX ? 'log' : 'linear',
    yScale,
    xKind: axisKind(view.x),
    xLabel: axisLabel(view.x),
    yLabel: '',
    theme: chartTheme(theme),
    smoothing: smoothingOf(view),
    ignoreOutliers: view.clip,
    density: view.density,
    curve: view.curve ? 'monotone' : 'linear',
    xBounds: view.xEnds,
    yBounds: view.yEnds,
    xRange: zoom?.x ?? null,
    yRange: zoom?.chart === chart ? zoom.y : null,
    highlight: view.lit,
    drag: view.drag,
  };
}

/** After this many milliseconds the lines are drawn, and there is time to check for outliers. */
const DRAWN = 150;

/** Whether a few outliers dominate the scale; computed after the lines are drawn, and again when their values change. */
function useRuled(lines: readonly Line[], wanted: boolean, log: boolean): boolean {
  const [ruled, setRuled] = useState(false);
  const looked = useRef<{ lines: readonly Line[]; log: boolean } | null>(null);
  useEffect(() => {
    const { current } = looked;
    if (!wanted || (current?.log === log && sameValues(current.lines, lines))) return undefined;
    const timer = window.setTimeout(() => {
      looked.current = { lines, log };
      setRuled(ruledByOutliers(lines, log));
    }, DRAWN);
    return () => window.clearTimeout(timer);
  }, [lines, wanted, log]);
  return wanted && ruled;
}

const sameValues = (a: readonly Line[], b: readonly Line[]): boolean =>
  a.length === b.length && a.every((line, at) => line.y === b[at]?.y && line.hidden === b[at]?.hidden);

export const ChartCard = memo(function ChartCard(props: ChartCardProps): ReactNode {
  const { group, bundles, grouped, drawing, view, zoom, pin, theme, sync, built, onZoom, onPin, onClip } = props;
  const { title, actions, foot } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const seen = useNear(host);
  const near = seen || built;
  const yZoom = zoom?.chart === group.key ? zoom.y : null;
  const yScale = useMemo(
    () => ((view.logY ?? startsLogY(group.items, view.yEnds, yZoom)) ? 'log' : 'linear'),
    [view.logY, view.yEnds, group, yZoom],
  );
  const lines = useMemo(() => {
    if (!near) return [];
    return bundles && grouped
      ? bundleLines(bundles, drawing, grouped, yScale)
      : group.items.map((series) => drawnLine(series, drawing));
  }, [near, group, bundles, drawing, grouped, yScale]);
  const ruled = useRuled(lines, near && !view.clip, yScale === 'log');
  const options = useMemo(
    () => optionsOf(view, zoom, group.key, theme, yScale),
    [view, zoom, group.key, theme, yScale],
  );
  const latest = useRef({ onZoom, onPin, options });
  useEffect(() => {
    latest.current = { onZoom, onPin, options };
  });

  useEffect(() => {
    const element = host.current;
    if (!element || !near) return undefined;
    const made = new LineChart(element, latest.current.options);
    chart.current = made;
    const leave = sync.add(made, group.key);
    made.on.hover((hover: Hover | null) => sync.point(made, element, hover));
    made.on.zoom((window: ZoomRange) => latest.current.onZoom(group.key, window));
    made.on.pick((hover: Hover | null) => latest.current.onPin(hover && { key: hover.key, x: hover.x }));
    return () => {
      leave();
      made.destroy();
      chart.current = null;
    };
  }, [near, sync, group.key]);

  useEffect(() => chart.current?.setOptions(options), [options, near]);
  useEffect(() => chart.current?.setLines(lines), [lines, near, group.key]);
  useEffect(() => chart.current?.setPin(pin), [pin, near, group.key]);

  const zoomed = zoom !== null && (zoom.x !== null || zoom.chart === group.key);
  return (
    <figure className="chart">
      <figcaption>
        {title ?? <ChartTitle group={group} />}
        <span className="count">
          {bundles && `${plural(bundles.length, 'group')} of `}
          {drawnText(group.items, drawing.shown)}
        </span>
        <span className="stretch" />
        {ruled && !zoomed && (
          <Button small icon="alert" tip="A few outliers dominate this scale" onClick={onClip}>
            Ignore outliers
          </Button>
        )}
        {actions}
      </figcaption>
      <div ref={host} className="chart-host" />
      {foot}
    </figure>
  );
});

/** A metric or run is named by its value alone; other values need the name of their field, for a param its last part. */
export function ChartTitle({
  group: { values },
  all = 'All lines',
}: {
  group: Pick<Group, 'values'>;
  all?: string;
}): ReactNode {
  if (values.length === 0) return <h2>{all}</h2>;
  return (
    <h2 title={values.map(({ name, text, whole = text }) => `${name}: ${whole}`).join('\n')}>
      {withoutMissing(values).map(({ name, text }) => (
        <span key={name} className="chart-value">
          {!PLAIN.has(name) && <bdi className="chart-field">{fieldWords(name, text)}</bdi>}
          {text !== MISSING && <bdi>{text}</bdi>}
        </span>
      ))}
    </h2>
  );
}

function fieldWords(name: string, text: string): string {
  const short = name.slice(name.lastIndexOf('.') + 1);
  return text === MISSING ? `no ${short}` : short;
}

const PLAIN: ReadonlySet<string> = new Set(['Metric', 'Run', 'Experiment']);
