/** Whether a few outliers stretch the scale so far that all other values look flat. */
import type { Line } from '../charts';
import { yExtent } from '../charts/domain';

const FLAT = 20;

export function ruledByOutliers(lines: readonly Line[], log: boolean): boolean {
  const drawn = lines.filter((line) => !line.hidden);
  const height = (ignoreOutliers: boolean): number => {
    const extent = yExtent(drawn, [-Infinity, Infinity], log ? 'log' : 'linear', ignoreOutliers);
    if (!extent) return 0;
    return log ? Math.log10(extent[1]) - Math.log10(extent[0]) : extent[1] - extent[0];
  };
  const kept = height(true);
  return kept > 0 && height(false) > FLAT * kept;
}
