/** One metric of all trials of a queue: a line per trial, in its color in the table. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { formatValue, LineChart, type Hover, type Line } from '../../charts';
import { chartTheme } from '../../explorer/chartTheme';
import { plural } from '../../text/format';
import type { Highlight } from '../../explorer/highlight';
import { SERIES } from '../../data/search';
import { useFrame } from '../../parts/useFrame';
import { useSearcher } from '../../parts/useSearcher';
import { metricWord } from '../../text/words';
import type { Measured } from '../runs/measured';

export interface TrialStyle {
  readonly label: string;
  readonly color: string;
}

export function QueueChart({
  condition,
  metric,
  styles,
  logY,
  highlight,
}: {
  /** The condition that selects the runs of the queue. */
  condition: string;
  metric: Measured;
  /** By the id of the run. */
  styles: ReadonlyMap<string, TrialStyle>;
  logY: boolean;
  highlight: Highlight;
}): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const [{ result, phase }] = useSearcher(SERIES, {
    q: `${metricWord(metric.name)} if ${condition}`,
    x: 'step' as const,
  });
  const lines = useMemo(
    () =>
      (result?.items ?? [])
        .filter(({ name, contextText }) => name === metric.name && contextText === metric.contextText)
        .flatMap((series): Line[] => {
          const style = styles.get(series.run.id);
          if (!style) return [];
          const { x, y, steps } = series;
          return [
            {
              key: series.run.id,
              run: series.run.id,
              ...style,
              dash: [],
              x,
              y,
              steps,
              live: series.run.status === 'running',
            },
          ];
        }),
    [result, metric, styles],
  );

  useEffect(() => {
    if (!host.current) return undefined;
    const made = new LineChart(host.current, { xLabel: 'Step' });
    chart.current = made;
    made.on.hover((next) => {
      setHover(next);
      highlight.set(next && { key: next.key, run: { id: next.key } });
    });
    const off = highlight.subscribe(() => made.setFocus(highlight.key, highlight.key));
    return () => {
      off();
      made.destroy();
      chart.current = null;
    };
  }, [highlight]);
  useEffect(
    () => chart.current?.setOptions({ theme: chartTheme(theme), yScale: logY ? 'log' : 'linear' }),
    [theme, logY],
  );
  useEffect(() => chart.current?.setLines(lines), [lines]);

  const lit = hover && styles.get(hover.key);
  return (
    <figure className="chart queue-chart">
      <figcaption>
        <span className="count" aria-live="off">
          {hover && lit ? (
            <>
              <bdi>{lit.label}</bdi> · step {hover.step} · <strong>{formatValue(hover.y)}</strong>
            </>
          ) : lines.length > 0 ? (
            plural(lines.length, 'line')
          ) : phase === 'loading' ? (
            'Loading…'
          ) : (
            'No trial has recorded this metric yet'
          )}
        </span>
      </figcaption>
      <div ref={host} className="chart-host" />
    </figure>
  );
}
