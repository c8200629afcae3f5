/** What the inside of a chart is made of. */
import type { Series } from '../../data/result';
import type { ShownRuns } from '../home/WithRuns';
import type { BoardChart } from './board';
import type { BoardCurves } from './boardCurves';

export interface ChartBodyProps {
  item: BoardChart;
  shown: ShownRuns;
  /** Ids of the drawn runs that are not hidden. */
  visible: readonly string[];
  curves: BoardCurves;
  /** Null where nothing can be changed. */
  onChart: ((item: BoardChart) => void) | null;
}

/** `series`: of the chart's metrics, in their order. */
export interface LoadedProps extends ChartBodyProps {
  series: readonly Series[];
}
