/** A small chart of one metric: all drawn runs, its contexts as dashes, and the values at the pointer of any chart. */
import { memo, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { formatValue, LineChart, type ChartOptions, type ZoomRange } from '../../charts';
import type { Series } from '../../data/result';
import { ruledByOutliers } from '../../explorer/outliers';
import { Swatch } from '../../explorer/Swatch';
import type { ChartSync } from '../../explorer/sync';
import { Button } from '../../parts/design/controls';
import type { WallCurves } from './wallCurves';
import { contextsOf, linesOf, type RunLook } from './lines';
import { shortName } from './sections';

interface TileProps {
  name: string;
  curves: Pick<WallCurves, 'subscribe' | 'of' | 'problemOf'>;
  look: RunLook;
  options: Partial<ChartOptions>;
  sync: ChartSync;
  onEnlarge: (name: string, window: ZoomRange | null) => void;
}

const CONTEXTS = 3;

export const Tile = memo(function Tile({ name, curves, look, options, sync, onEnlarge }: TileProps): ReactNode {
  const series = useSyncExternalStore(curves.subscribe, () => curves.of(name));
  const problem = useSyncExternalStore(curves.subscribe, () => curves.problemOf(name));
  return (
    <figure className="chart wall-tile">
      <figcaption>
        <h3 title={name}>
          <button type="button" onClick={() => onEnlarge(name, null)}>
            <bdi>{shortName(name)}</bdi>
          </button>
        </h3>
        <span className="stretch" />
        <TileValue name={name} series={series} sync={sync} />
        <Button
          small
          icon="expand"
          aria-label={`Enlarge ${name}`}
          title="Enlarge"
          onClick={() => onEnlarge(name, null)}
        />
      </figcaption>
      {problem ? (
        <p className="wall-problem">
          <bdi>{problem.message}</bdi>
        </p>
      ) : series ? (
        <TileChart name={name} series={series} look={look} options={options} sync={sync} onEnlarge={onEnlarge} />
      ) : (
        <div className="wall-wait skeleton" role="status" aria-label={`Loading ${name}`} />
      )}
    </figure>
  );
});

/** The value at the pointer of the run under it; else what the dashes mean. */
function TileValue({
  name,
  series,
  sync,
}: Pick<TileProps, 'name' | 'sync'> & { series?: readonly Series[] }): ReactNode {
  const text = useSyncExternalStore(sync.subscribe, () => valueAt(sync, name, series));
  const contexts = useMemo(() => contextsOf(series ?? []), [series]);
  if (text !== null) return <output className="wall-value">{text}</output>;
  if (contexts.length < 2) return null;
  return (
    <span className="wall-contexts">
      {contexts.slice(0, CONTEXTS).map((context) => (
        <span key={context.text} title={context.text}>
          <Swatch color="currentColor" dash={context.dash} />
          <bdi>{context.text}</bdi>
        </span>
      ))}
      {contexts.length > CONTEXTS && <span>+{contexts.length - CONTEXTS}</span>}
    </span>
  );
}

/** As a text, so that only charts whose value changes are rendered again. */
function valueAt(sync: ChartSync, name: string, series: readonly Series[] | undefined): string | null {
  const { pointed } = sync;
  if (!pointed || !series) return null;
  const { key, shown } = pointed.hover;
  const under = sync.byKey.get(key);
  if (!under || 'members' in under) return null;
  if (under.name === name) return formatValue(shown);
  const same = series.filter(({ run }) => run.id === under.run.id);
  const line = same.find(({ contextText }) => contextText === under.contextText) ?? same[0];
  if (!line) return null;
  const value = sync.valueAt(line.key);
  return value ? formatValue(value.shown) : null;
}

function TileChart({
  name,
  series,
  look,
  options,
  sync,
  onEnlarge,
}: Omit<TileProps, 'curves'> & { series: readonly Series[] }): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const lines = useMemo(() => linesOf(series, look), [series, look]);
  const latest = useRef({ options, onEnlarge });
  useEffect(() => {
    latest.current = { options, onEnlarge };
  });
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const made = new LineChart(element, latest.current.options);
    chart.current = made;
    const leave = sync.add(made, name);
    made.on.hover((hover) => sync.point(made, element, hover));
    made.on.zoom((window) => latest.current.onEnlarge(name, window));
    made.on.pick(() => latest.current.onEnlarge(name, null));
    return () => {
      leave();
      made.destroy();
      chart.current = null;
    };
  }, [name, sync]);
  const ignoreOutliers = useMemo(() => ruledByOutliers(lines, false), [lines]);
  useEffect(() => chart.current?.setOptions({ ...options, ignoreOutliers }), [options, ignoreOutliers]);
  useEffect(() => chart.current?.setLines(lines), [lines]);
  return <div ref={host} className="chart-host" />;
}
