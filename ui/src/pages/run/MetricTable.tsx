/** The metrics of a run as numbers, each with a trend line. */
import { useMemo, type ReactNode } from 'react';
import { formatValue } from '../../charts';
import { contextText } from '../../data/result';
import { countText } from '../../text/format';
import type { MetricSummary, Run } from '../../wire';
import { numberOf } from './numbers';
import { Sparkline } from './Sparkline';
import { useSeries, type SeriesOf } from './useSeries';
import { PlainTable } from '../../parts/PlainTable';

const BY_STEP = { x: 'step', passes: false } as const;
const NUMBERS = ['last', 'min', 'max', 'first', 'mean'] as const;
const TITLES = { last: 'Last', min: 'Min', max: 'Max', first: 'First', mean: 'Mean' };

export function MetricTable({
  run,
  metrics,
  label,
}: {
  run: Run;
  metrics: readonly MetricSummary[];
  label: string;
}): ReactNode {
  const names = useMemo(() => [...new Set(metrics.map((metric) => metric.name))], [metrics]);
  const series = useSeries(run, names, 120, BY_STEP);
  return (
    <PlainTable
      label={label}
      head={[
        'Metric',
        'Trend',
        ...NUMBERS.map((name) => ({ label: TITLES[name], end: true })),
        { label: 'Points', end: true },
      ]}
    >
      {metrics.map((metric) => (
        <MetricTableRow
          key={`${metric.name}\n${contextText(metric.context)}`}
          run={run}
          metric={metric}
          series={series}
        />
      ))}
    </PlainTable>
  );
}

interface MetricTableRowProps {
  run: Run;
  metric: MetricSummary;
  series: SeriesOf;
}

function MetricTableRow({ run, metric, series }: MetricTableRowProps): ReactNode {
  const context = contextText(metric.context);
  const line = series.of(metric.name)?.find((item) => item.contextText === context);
  return (
    <tr>
      <th scope="row">
        <bdi>{metric.name}</bdi>
        {context && (
          <span className="context">
            <bdi>{context}</bdi>
          </span>
        )}
      </th>
      <td>{line && <Sparkline values={line.y} run={run} />}</td>
      {NUMBERS.map((name) => (
        <td key={name} className="end number">
          {formatValue(numberOf(metric[name]))}
        </td>
      ))}
      <td className="end number" title={metric.nonfinite ? `${metric.nonfinite} are NaN or infinite` : undefined}>
        {countText(metric.count)}
        {metric.nonfinite > 0 && <span className="warn"> !</span>}
      </td>
    </tr>
  );
}
