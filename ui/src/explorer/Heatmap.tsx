/**
 * The number of runs that began on each day of the last year, in the time zone of the viewer; a click on a day opens a
 * query, whose dates are in the same one.
 */
import { quoted } from '../text/words';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Calendar, dayOf, type DayHover } from '../charts';
import { chartTheme } from './chartTheme';
import { plural } from '../text/format';
import { navigate } from '../parts/address';
import { useFrame } from '../parts/useFrame';
import type { Day } from '../wire';

export function Heatmap({ days, addressOf }: { days: readonly Day[]; addressOf: (day: string) => string }): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const calendar = useRef<Calendar | null>(null);
  const [hover, setHover] = useState<DayHover | null>(null);
  const counts = useMemo(() => new Map(days.map(({ day, runs }) => [day, runs])), [days]);
  const latest = useRef(addressOf);
  useEffect(() => {
    latest.current = addressOf;
  });
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const made = new Calendar(element, { last: dayOf(new Date()) });
    calendar.current = made;
    const fit = (): void => {
      element.style.height = `${made.heightFor(element.clientWidth)}px`;
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    fit();
    made.on.hover(setHover);
    made.on.pick(({ day, count }) => count > 0 && navigate(latest.current(day)));
    return () => {
      observer.disconnect();
      made.destroy();
      calendar.current = null;
    };
  }, []);
  useEffect(() => calendar.current?.setOptions({ theme: chartTheme(theme) }), [theme]);
  useEffect(() => calendar.current?.setDays(counts), [counts]);
  const total = days.reduce((sum, { runs }) => sum + runs, 0);
  return (
    <div className="heatmap">
      <div ref={host} className="heatmap-host" />
      <p className="count">
        {hover
          ? `${plural(hover.count, 'run')} on ${hover.day}${hover.count > 0 ? ', click to view' : ''}`
          : `${plural(total, 'run')} on ${plural(days.length, 'day')}`}
      </p>
    </div>
  );
}

/** A query for the runs that began on a day. */
export function queryOfDay(day: string, experiment?: string): string {
  const of = experiment === undefined ? '' : ` and experiment == ${quoted(experiment)}`;
  return `run.created_at == "${day}"${of}`;
}
