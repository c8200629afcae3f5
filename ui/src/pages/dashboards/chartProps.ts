/** What the inside of a chart is made of. */
import type { Brushes, ZoomRange } from '../../charts';
import type { Series } from '../../data/result';
import type { ShownRuns } from '../home/WithRuns';
import type { BoardChart } from './board';
import type { BoardCurves } from './boardCurves';

/** What was brushed in a chart: it stays while the chart is out of sight, and is not saved. */
export interface KeptView {
  readonly zoom: ZoomRange | null;
  readonly brushes: Brushes;
}

export interface ChartBodyProps {
  item: BoardChart;
  shown: ShownRuns;
  /** Ids of the drawn runs that are not hidden. */
  visible: readonly string[];
  curves: BoardCurves;
  kept: KeptView;
  onKept: (kept: KeptView) => void;
  /** Shows the chart in place of all others; undefined where it is. */
  onEnlarge?: () => void;
  /** Null where nothing can be changed. */
  onChart: ((item: BoardChart) => void) | null;
}

/** `series`: of the chart's metrics, in their order. */
export interface LoadedProps extends ChartBodyProps {
  series: readonly Series[];
}
