/** What a chart along a metric does not show. */
import type { ReactNode } from 'react';
import { axisMetric, type XAxis } from '../data/axis';
import type { Series } from '../data/result';
import { plural } from '../text/format';

/** Names lines that lack the metric on the axis, or in which it falls, because the chart does not show this. */
export function Alignment({ items, x }: { items: readonly Series[]; x: XAxis }): ReactNode {
  const metric = axisMetric(x);
  if (metric === null) return null;
  const missing = items.filter((series) => series.count > 0 && series.x.length === 0).length;
  const back = items.filter((series) => series.back).length;
  if (missing === 0 && back === 0) return null;
  const parts = [
    missing > 0 && `${plural(missing, 'line')} have no value of it at the same steps`,
    back > 0 && `in ${plural(back, 'line')} it is not monotonic; points are sorted by it`,
  ].filter(Boolean);
  return (
    <p className="explorer-note" role="status">
      Along <bdi>{metric}</bdi>: {parts.join('; ')}.
    </p>
  );
}
