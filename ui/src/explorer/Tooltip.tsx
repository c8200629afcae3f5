/** Names the point under the pointer. Everything in it was logged by someone: it is only ever text. */
import { useLayoutEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { formatDuration, formatTime, formatValue } from '../charts';
import { paramOf, textOf, type Result, type Series } from '../data/result';
import type { XAxis } from '../state/view';
import { Status } from './columns';
import { fieldOf, fieldText, runTitle } from './fields';
import type { ChartSync } from './sync';
import { Swatch, type Marker } from './Table';

interface TooltipProps {
  sync: ChartSync;
  marker: (series: Series) => Marker;
  fields: readonly string[];
  x: XAxis;
}

const AWAY = 16;
const EDGE = 8;
const DIFFERING = 10;

export function Tooltip({ sync, marker, fields, x }: TooltipProps): ReactNode {
  const pointed = useSyncExternalStore(sync.subscribe, () => sync.pointed);
  const box = useRef<HTMLDivElement>(null);
  const series = pointed ? sync.byKey.get(pointed.hover.key) : undefined;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !pointed) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const right = pointed.left + AWAY;
    const left = right + width + EDGE > window.innerWidth ? pointed.left - AWAY - width : right;
    const top = Math.min(pointed.top + AWAY, window.innerHeight - height - EDGE);
    element.style.transform = `translate(${Math.max(EDGE, Math.round(left))}px, ${Math.max(EDGE, Math.round(top))}px)`;
  });

  if (!pointed || !series) return null;
  const { hover } = pointed;
  const smoothed = hover.shown !== hover.y && !(Number.isNaN(hover.shown) && Number.isNaN(hover.y));
  return (
    <div ref={box} className="tooltip" role="tooltip">
      <div className="tooltip-head">
        <Swatch {...marker(series)} />
        <strong>
          <bdi>{runTitle(series.run)}</bdi>
        </strong>
        <Status run={series.run} />
      </div>
      <div className="tooltip-metric">
        <span>
          <bdi>{series.name}</bdi>
          {series.contextText && (
            <>
              {' '}
              <span className="tooltip-context">
                <bdi>{series.contextText}</bdi>
              </span>
            </>
          )}
        </span>
        <span className="tooltip-value">{formatValue(hover.y)}</span>
      </div>
      <dl>
        {smoothed && <Line name="smoothed" text={formatValue(hover.shown)} />}
        <Line name="step" text={String(hover.step)} />
        {x === 'epoch' && <Line name="epoch" text={formatValue(hover.x)} />}
        {x === 'relative' && <Line name="time" text={formatDuration(hover.x)} />}
        {x === 'time' && <Line name="time" text={formatTime(hover.x)} />}
        {series.run.error && <Line name="error" text={series.run.error} />}
        {series.run.dropped > 0 && <Line name="lost points" text={String(series.run.dropped)} />}
        {fields.map((id) => {
          const field = fieldOf(id);
          return <Line key={id} name={field.label} text={fieldText(field, series)} />;
        })}
      </dl>
    </div>
  );
}

/** Params of one run that tell it from another; a list or an object tells too much in one line. */
function differingParams({ runs, paths }: Result): string[] {
  return paths.filter((path) => {
    const first = runs.length > 0 ? paramOf(runs[0], path) : undefined;
    const text = textOf(first);
    let differs = false;
    for (const run of runs) {
      const value = paramOf(run, path);
      if (typeof value === 'object' && value !== null) return false;
      differs ||= value !== first && textOf(value) !== text;
    }
    return differs;
  });
}

/** What the tooltip says of a line beyond its place: what the charts are grouped by, then the params that differ. */
export function tooltipFields(result: Result, grouped: readonly string[]): string[] {
  const named = ['metric.name', 'run.hash', 'run.name', 'run.status'];
  const own = grouped.filter((id) => !named.includes(id) && !id.startsWith('context.'));
  const differing = differingParams(result).map((path) => `params.${path}`);
  return [...new Set(['experiment', ...own, ...differing.slice(0, DIFFERING)])];
}

function Line({ name, text }: { name: string; text: string }): ReactNode {
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>
        <bdi>{text}</bdi>
      </dd>
    </div>
  );
}
