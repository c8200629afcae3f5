/** A bar for one value of each run. */
import { useMemo, type ReactNode } from 'react';
import { formatValue } from '../../charts';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { DivergedMark } from '../../parts/Status';
import { shortContext } from '../home/lines';
import type { LoadedProps } from './chartProps';
import { barScale, valuesOf } from './values';

export function BarBody({ item, shown, series }: LoadedProps): ReactNode {
  const { value, y_scale, y_range, metrics } = item.chart;
  const { look, highlight } = shown;
  const bars = useMemo(() => valuesOf(series, value, look.hidden), [series, value, look.hidden]);
  const { bar } = useMemo(
    () =>
      barScale(
        bars.map((one) => one.value),
        y_scale,
        y_range,
      ),
    [bars, y_scale, y_range],
  );
  if (bars.length === 0) return <p className="quiet board-none">None of the shown runs has this metric.</p>;
  const contexts = new Set(bars.map((one) => one.series.contextText)).size > 1;
  return (
    <div className="board-bars" tabIndex={0} role="group" aria-label="Bars">
      <ol>
        {bars.map(({ series: { key, run, name, contextText }, value: number }) => {
          const ends = bar(number);
          const more = [metrics.length > 1 && name, contexts && shortContext(contextText)].filter(Boolean).join(' · ');
          return (
            <li
              key={key}
              onPointerEnter={() => highlight.set({ key: run.id, run })}
              onPointerLeave={() => highlight.set(null)}
            >
              <Link className="plain-link board-bar-name" to={href('run', { run: run.id })} title={look.nameOf(run)}>
                <bdi>{look.nameOf(run)}</bdi>
                {more && (
                  <span className="tooltip-context">
                    <bdi>{more}</bdi>
                  </span>
                )}
                <DivergedMark run={run} />
              </Link>
              <span className="board-bar-track" aria-hidden="true">
                {ends && (
                  <span
                    style={{
                      left: `${ends[0] * 100}%`,
                      width: `${(ends[1] - ends[0]) * 100}%`,
                      background: look.colorOf(run),
                    }}
                  />
                )}
              </span>
              <span className="board-bar-value">{formatValue(number)}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
