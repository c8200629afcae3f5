/** A small chart of one metric: all drawn runs, its contexts as dashes, and the values at the pointer of any chart. */
import { memo, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { formatValue, type ChartOptions, type ZoomRange } from '../../charts';
import type { Series } from '../../data/result';
import { startsLogY } from '../../explorer/axisScale';
import type { ChartSync } from '../../explorer/sync';
import { Button } from '../../parts/design/controls';
import { PinButton } from '../../parts/PinButton';
import { ContextDashes } from './ContextDashes';
import { LineDrawing } from './LineDrawing';
import type { RunLook } from './lines';
import type { WallCurves } from './wallCurves';

interface TileProps {
  name: string;
  /** What the metric is called where it stands. */
  title: string;
  pinned?: boolean;
  /** Without it, the chart cannot be pinned. */
  onPin?: (name: string) => void;
  curves: Pick<WallCurves, 'subscribe' | 'of' | 'problemOf'>;
  look: RunLook;
  /** Without `yScale`, it is as the metrics explorer starts. */
  options: Partial<ChartOptions>;
  sync: ChartSync;
  onEnlarge: (name: string, window: ZoomRange | null) => void;
}

export const Tile = memo(function Tile(props: TileProps): ReactNode {
  const { name, title, pinned = false, onPin, curves, look, options, sync, onEnlarge } = props;
  const series = useSyncExternalStore(curves.subscribe, () => curves.of(name));
  const problem = useSyncExternalStore(curves.subscribe, () => curves.problemOf(name));
  const scaled = useMemo<Partial<ChartOptions>>(
    () => ({ yScale: startsLogY(series ?? []) ? 'log' : 'linear', ...options }),
    [options, series],
  );
  return (
    <figure className="chart wall-tile">
      <figcaption>
        <h3 title={name}>
          <button type="button" onClick={() => onEnlarge(name, null)}>
            <bdi>{title}</bdi>
          </button>
        </h3>
        <span className="stretch" />
        <TileValue name={name} series={series} sync={sync} />
        <span className="tile-buttons">
          {onPin && <PinButton name={name} pinned={pinned} onToggle={onPin} />}
          <Button
            small
            icon="expand"
            aria-label={`Enlarge ${name}`}
            title="Enlarge"
            onClick={() => onEnlarge(name, null)}
          />
        </span>
      </figcaption>
      {problem ? (
        <p className="wall-problem">
          <bdi>{problem.message}</bdi>
        </p>
      ) : series ? (
        <LineDrawing
          id={name}
          series={series}
          look={look}
          options={scaled}
          sync={sync}
          onZoom={(window) => onEnlarge(name, window)}
          onPick={() => onEnlarge(name, null)}
        />
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
  if (text !== null) return <output className="wall-value">{text}</output>;
  return <ContextDashes series={series ?? []} />;
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
