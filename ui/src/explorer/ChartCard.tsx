/** Holds one framework-free chart: React gives it lines and options, the chart draws and reports back. */
import { memo, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { LineChart, type ChartOptions, type Hover, type Line, type Zoom as Window } from '../charts';
import type { Detail } from '../data/useDetail';
import type { Series } from '../data/result';
import { Button } from '../design/controls';
import type { Theme } from '../design/theme';
import { X_AXES, type View, type Zoom } from '../state/view';
import { runTitle } from './fields';
import { chartTheme } from './chartTheme';
import { plural } from './format';
import type { Group } from './grouping';
import { ruledByOutliers } from './outliers';
import type { ChartSync } from './sync';
import type { Marker } from './Table';

interface ChartCardProps {
  group: Group;
  view: Pick<View, 'x' | 'logX' | 'logY' | 'smooth' | 'clip'>;
  zoom: Zoom | null;
  shown: ReadonlySet<string>;
  detail: Detail;
  marker: (series: Series) => Marker;
  theme: Theme;
  sync: ChartSync;
  onZoom: (chart: string, zoom: Window) => void;
  onClip: () => void;
}

const label = (series: Series): string =>
  [runTitle(series.run), series.name, series.contextText].filter(Boolean).join(' · ');

function lineOf(series: Series, detail: Detail, marker: Marker, hidden: boolean): Line {
  const fine = detail.get(series.key);
  const { x, y, steps } = fine && fine.count >= series.count ? fine : series;
  return {
    key: series.key,
    run: series.run.id,
    label: label(series),
    ...marker,
    x,
    y,
    steps,
    hidden,
    live: series.run.status === 'running',
  };
}

function optionsOf(
  view: ChartCardProps['view'],
  zoom: Zoom | null,
  chart: string,
  theme: Theme,
): Partial<ChartOptions> {
  return {
    xScale: view.logX ? 'log' : 'linear',
    yScale: view.logY ? 'log' : 'linear',
    xKind: view.x,
    xLabel: X_AXES.find((axis) => axis.value === view.x)?.label ?? '',
    yLabel: '',
    theme: chartTheme(theme),
    smoothing: { kind: view.smooth > 0 ? 'ema' : 'none', amount: view.smooth },
    ignoreOutliers: view.clip,
    xRange: zoom?.x ?? null,
    yRange: zoom?.chart === chart ? zoom.y : null,
    highlight: 'run',
  };
}

/** Charts far outside of the window are not built until they come near it. */
function useNear(host: React.RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = host.current;
    if (!element || near) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && setNear(true), {
      rootMargin: '300px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [host, near]);
  return near;
}

export const ChartCard = memo(function ChartCard(props: ChartCardProps): ReactNode {
  const { group, view, zoom, shown, detail, marker, theme, sync, onZoom, onClip } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const near = useNear(host);
  const lines = useMemo(
    () => group.series.map((series) => lineOf(series, detail, marker(series), !shown.has(series.key))),
    [group, detail, marker, shown],
  );
  const ruled = useMemo(
    () => near && !view.clip && ruledByOutliers(lines, view.logY),
    [near, view.clip, view.logY, lines],
  );
  const options = useMemo(() => optionsOf(view, zoom, group.key, theme), [view, zoom, group.key, theme]);
  const latest = useRef({ onZoom, options });
  useEffect(() => {
    latest.current = { onZoom, options };
  });

  useEffect(() => {
    const element = host.current;
    if (!element || !near) return undefined;
    const made = new LineChart(element, latest.current.options);
    chart.current = made;
    const leave = sync.add(made);
    made.on.hover((hover: Hover | null) => sync.point(made, element, hover));
    made.on.zoom((window: Window) => latest.current.onZoom(group.key, window));
    return () => {
      leave();
      made.destroy();
      chart.current = null;
    };
  }, [near, sync, group.key]);

  useEffect(() => chart.current?.setOptions(options), [options, near]);
  useEffect(() => chart.current?.setLines(lines), [lines, near, group.key]);

  const visible = lines.reduce((count, line) => count + (line.hidden ? 0 : 1), 0);
  const zoomed = zoom !== null && (zoom.x !== null || zoom.chart === group.key);
  return (
    <figure className="chart">
      <figcaption>
        <Title group={group} />
        <span className="count">
          {visible === lines.length ? plural(lines.length, 'line') : `${visible} of ${plural(lines.length, 'line')}`}
        </span>
        <span className="stretch" />
        {ruled && !zoomed && (
          <Button small icon="alert" tip="A few values far out rule this scale" onClick={onClip}>
            Ignore outliers
          </Button>
        )}
        {zoomed && (
          <Button small icon="reset" onClick={() => onZoom(group.key, { x: null, y: null })}>
            Reset zoom
          </Button>
        )}
      </figcaption>
      <div ref={host} className="chart-host" />
    </figure>
  );
});

/** A metric or run is named by itself; other values need the name of their field, of a param its last part. */
function Title({ group: { values } }: { group: Group }): ReactNode {
  if (values.length === 0) return <h2>All lines</h2>;
  return (
    <h2 title={values.map(({ name, text }) => `${name}: ${text}`).join('\n')}>
      {values.map(({ name, text }) => (
        <span key={name} className="chart-value">
          {!PLAIN.has(name) && <bdi className="chart-field">{name.slice(name.lastIndexOf('.') + 1)}</bdi>}
          <bdi>{text}</bdi>
        </span>
      ))}
    </h2>
  );
}

const PLAIN: ReadonlySet<string> = new Set(['Metric', 'Run', 'Experiment']);
