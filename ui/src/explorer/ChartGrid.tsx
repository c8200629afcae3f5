/** The charts, as many per row as are readable; few charts fill the panel, many scroll. */
import { useRef, type ReactNode } from 'react';
import type { Bundle } from './bundles';
import { ChartCard, type ChartCardProps } from './ChartCard';
import type { Group } from './grouping';
import { useViewport } from '../parts/virtual';

interface ChartGridProps extends Omit<ChartCardProps, 'group' | 'bundles'> {
  charts: readonly Group[];
  /** By the key of the chart; null while lines are not grouped. */
  bundles: ReadonlyMap<string, readonly Bundle[]> | null;
}

const NONE: readonly Bundle[] = [];
const NARROWEST = 340;
const LOWEST = 220;
const GAP = 10;
const EDGE = 12;

/** 1, 2, 3 in a row; 4 as 2 x 2; more in thirds, or in quarters on a very wide screen. */
export function gridFor(count: number, width: number, height: number): { columns: number; height: number } {
  const wanted = count <= 3 ? count : count === 4 ? 2 : width > 2200 ? 4 : 3;
  const fitting = Math.max(1, Math.floor((width - 2 * EDGE + GAP) / (NARROWEST + GAP)));
  const columns = Math.max(1, Math.min(wanted, fitting));
  const rows = Math.max(1, Math.ceil(count / columns));
  return { columns, height: Math.max(LOWEST, Math.floor((height - 2 * EDGE - GAP * (rows - 1)) / rows)) };
}

export function ChartGrid({ charts, bundles, sync, ...rest }: ChartGridProps): ReactNode {
  const panel = useRef<HTMLDivElement>(null);
  const { width, height } = useViewport(panel);
  const grid = gridFor(charts.length, width, height);
  return (
    <div ref={panel} className="charts" role="region" aria-label="Charts" tabIndex={-1} onScroll={() => sync.clear()}>
      {width > 0 && (
        <div
          className="charts-grid"
          style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`, gridAutoRows: `${grid.height}px` }}
        >
          {charts.map((group) => (
            <ChartCard
              key={group.key}
              group={group}
              bundles={bundles && (bundles.get(group.key) ?? NONE)}
              sync={sync}
              {...rest}
            />
          ))}
        </div>
      )}
    </div>
  );
}
