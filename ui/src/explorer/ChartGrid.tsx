/** The charts, as many beside each other as are readable; few charts fill the panel, many scroll. */
import { useRef, type ReactNode } from 'react';
import type { Zoom as Window } from '../charts';
import type { Series } from '../data/result';
import type { Detail } from '../data/useDetail';
import type { Theme } from '../design/theme';
import type { View } from '../state/view';
import { ChartCard } from './ChartCard';
import type { Group } from './grouping';
import type { ChartSync } from './sync';
import type { Marker } from './Table';
import { useViewport } from './virtual';

interface ChartGridProps {
  charts: readonly Group[];
  view: Pick<View, 'x' | 'logX' | 'logY' | 'smooth' | 'clip'>;
  zoom: View['zoom'];
  shown: ReadonlySet<string>;
  detail: Detail;
  marker: (series: Series) => Marker;
  theme: Theme;
  sync: ChartSync;
  onZoom: (chart: string, zoom: Window) => void;
  onClip: () => void;
}

const NARROWEST = 340;
const LOWEST = 220;
const GAP = 10;
const EDGE = 12;

/** 1, 2, 3 beside each other; 4 as 2 x 2; more in thirds, or in quarters where the screen is very wide. */
export function arrange(count: number, width: number, height: number): { columns: number; height: number } {
  const wanted = count <= 3 ? count : count === 4 ? 2 : width > 2200 ? 4 : 3;
  const fitting = Math.max(1, Math.floor((width - 2 * EDGE + GAP) / (NARROWEST + GAP)));
  const columns = Math.max(1, Math.min(wanted, fitting));
  const rows = Math.max(1, Math.ceil(count / columns));
  return { columns, height: Math.max(LOWEST, Math.floor((height - 2 * EDGE - GAP * (rows - 1)) / rows)) };
}

export function ChartGrid({ charts, sync, ...rest }: ChartGridProps): ReactNode {
  const panel = useRef<HTMLDivElement>(null);
  const { width, height } = useViewport(panel);
  const grid = arrange(charts.length, width, height);
  return (
    <div ref={panel} className="charts" role="region" aria-label="Charts" tabIndex={-1} onScroll={() => sync.clear()}>
      {width > 0 && (
        <div
          className="charts-grid"
          style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`, gridAutoRows: `${grid.height}px` }}
        >
          {charts.map((group) => (
            <ChartCard key={group.key} group={group} sync={sync} {...rest} />
          ))}
        </div>
      )}
    </div>
  );
}
