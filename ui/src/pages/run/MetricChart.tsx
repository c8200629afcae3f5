/** The chart of one metric of one run: a line per context. */
import { useMemo, type ReactNode } from 'react';
import type { Series } from '../../data/result';
import { ChartCard, type ChartCardProps } from '../../explorer/ChartCard';
import type { Marker } from '../../explorer/lines';
import { Swatch } from '../../explorer/Swatch';
import { PinButton } from '../../parts/PinButton';
import { isNonEmpty } from '../../text/lists';

const LEGEND = 6;

interface MetricChartProps extends Omit<ChartCardProps, 'group' | 'bundles' | 'grouped' | 'built'> {
  name: string;
  /** Undefined while they are loading. */
  series: readonly Series[] | undefined;
  pinned: boolean;
  onToggle: (name: string) => void;
}

export function MetricChart({ name, series, pinned, onToggle, ...card }: MetricChartProps): ReactNode {
  const group = useMemo(
    () =>
      series && isNonEmpty(series) ? { key: name, values: [{ name: 'Metric', text: name }], items: series } : null,
    [name, series],
  );
  const title = (
    <h3 title={name}>
      <bdi>{name}</bdi>
    </h3>
  );
  const pin = <PinButton name={name} pinned={pinned} onToggle={onToggle} />;
  if (!group)
    return (
      <figure className="chart">
        <figcaption>
          {title}
          <span className="stretch" />
          {pin}
        </figcaption>
        <div className="chart-host" />
      </figure>
    );
  return (
    <ChartCard
      group={group}
      bundles={null}
      grouped={null}
      built={false}
      title={title}
      actions={pin}
      foot={group.items.length > 1 && <MetricContexts series={group.items} marker={card.drawing.marker} />}
      {...card}
    />
  );
}

function MetricContexts({
  series,
  marker,
}: {
  series: readonly Series[];
  marker: (series: Series) => Marker;
}): ReactNode {
  return (
    <ul className="metric-legend" aria-label="Contexts">
      {series.slice(0, LEGEND).map((item) => (
        <li key={item.key}>
          <Swatch {...marker(item)} />
          <bdi>{item.contextText || item.name}</bdi>
        </li>
      ))}
      {series.length > LEGEND && <li>and {series.length - LEGEND} more</li>}
    </ul>
  );
}
