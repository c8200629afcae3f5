/** A small chart of one metric of one run: a line per context, and the hovered value in its head. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { colorFor, eight, formatValue, LineChart, twentyFour, type Hover, type Line } from '../../charts';
import type { Series } from '../../data/result';
import { Button } from '../../parts/design/controls';
import { chartTheme } from '../../explorer/chartTheme';
import { plural } from '../../text/format';
import { useFrame } from '../../parts/useFrame';
import { useNear } from '../../parts/useNear';
import type { Run } from '../../wire';

const LEGEND = 6;

function linesOf(series: readonly Series[], theme: 'light' | 'dark', live: boolean): Line[] {
  const palette = series.length <= eight.light.length ? eight : twentyFour;
  return series.map((item, at) => ({
    key: item.key,
    run: item.key,
    label: item.contextText || item.name,
    color: colorFor(at, theme, palette),
    dash: [],
    x: item.x,
    y: item.y,
    steps: item.steps,
    live,
  }));
}

export function MetricChart({
  name,
  run,
  series,
  pinned,
  onPin,
}: {
  name: string;
  run: Run;
  series: readonly Series[] | undefined;
  pinned: boolean;
  onPin: () => void;
}): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const live = run.status === 'running';
  const lines = useMemo(() => linesOf(series ?? [], theme, live), [series, theme, live]);
  const near = useNear(host);

  useEffect(() => {
    if (!host.current || !near) return undefined;
    const made = new LineChart(host.current, { xLabel: 'Step' });
    chart.current = made;
    made.on.hover(setHover);
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [near]);
  useEffect(() => chart.current?.setOptions({ theme: chartTheme(theme) }), [theme, near]);
  useEffect(() => chart.current?.setLines(lines), [lines, near]);

  const lit = hover && series?.find((item) => item.key === hover.key);
  return (
    <figure className="chart metric-chart">
      <figcaption>
        <h3 title={name}>
          <bdi>{name}</bdi>
        </h3>
        <span className="stretch" />
        <span className="count" aria-live="off">
          {hover ? (
            <>
              {lit?.contextText && <bdi>{lit.contextText} · </bdi>}
              step {hover.step} · <strong>{formatValue(hover.y)}</strong>
            </>
          ) : (
            series &&
            plural(
              series.reduce((sum, item) => sum + item.count, 0),
              'point',
            )
          )}
        </span>
        <Button
          small
          icon="pin"
          active={pinned}
          aria-pressed={pinned}
          tip={pinned ? 'Unpin' : 'Pin to the top'}
          aria-label={`${pinned ? 'Unpin' : 'Pin'} ${name}`}
          onClick={onPin}
        />
      </figcaption>
      <div ref={host} className="chart-host" />
      {lines.length > 1 && (
        <ul className="metric-legend" aria-label="Contexts">
          {lines.slice(0, LEGEND).map((line) => (
            <li key={line.key}>
              <span className="key" style={{ background: line.color }} aria-hidden="true" />
              <bdi>{line.label}</bdi>
            </li>
          ))}
          {lines.length > LEGEND && <li>and {lines.length - LEGEND} more</li>}
        </ul>
      )}
    </figure>
  );
}
