/** The metrics of a run in numbers, each with its course. */
import { useMemo, type ReactNode } from 'react';
import { formatValue } from '../../charts';
import { contextText } from '../../data/result';
import { countText } from '../../explorer/format';
import type { Metric, Run } from '../../wire';
import { numberOf } from './numbers';
import { Sparkline } from './Sparkline';
import { useSeries, type SeriesOf } from './useSeries';

const NUMBERS = ['last', 'min', 'max', 'first', 'mean'] as const;
const TITLES = { last: 'Last', min: 'Min', max: 'Max', first: 'First', mean: 'Mean' };

export function MetricTable({ run, metrics, label }: { run: Run; metrics: readonly Metric[]; label: string }): ReactNode {
  const names = useMemo(() => [...new Set(metrics.map((metric) => metric.name))], [metrics]);
  const series = useSeries(run, names, 120);
  return (
    <div className="plain-table" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Course</th>
            {NUMBERS.map((name) => (
              <th key={name} scope="col" className="end">
                {TITLES[name]}
              </th>
            ))}
            <th scope="col" className="end">
              Points
            </th>
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <Row key={`${metric.name}\n${contextText(metric.context)}`} metric={metric} series={series} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ metric, series }: { metric: Metric; series: SeriesOf }): ReactNode {
  const context = contextText(metric.context);
  const line = series.of(metric.name)?.find((one) => one.contextText === context);
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
      <td>{line && <Sparkline values={line.y} />}</td>
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
