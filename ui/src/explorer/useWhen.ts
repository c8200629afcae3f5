/**
 * The epoch and time of a pinned point. The answer on the page only has its step, so they are requested. A pass has its
 * times; its epochs cannot be requested, because steps have one for each pass.
 */
import { useSource } from '../data/source';
import { useEffect, useState } from 'react';
import type { Series } from '../data/result';
import { search } from '../data/search';

export interface When {
  readonly epoch?: number;
  readonly time?: number;
}

/** Lines with up to four times as many points arrive in full. */
const COLUMNS = 2000;
const NOTHING: When = {};

/** The value of a step on another axis; undefined if the axis cannot show its point, or the point was left out. */
export function placeOf({ x, steps }: Pick<Series, 'x' | 'steps'>, step: number): number | undefined {
  const at = steps.lastIndexOf(step);
  return at < 0 ? undefined : x[at];
}

/** The time of a point of a pass; undefined for other lines. */
export const timeInPass = ({ pass, steps }: Pick<Series, 'pass' | 'steps'>, step: number): number | undefined =>
  pass && placeOf({ x: pass.times, steps }, step);

export function useWhen(q: string, series: Series, step: number, held: boolean): When {
  const source = useSource();
  const [loaded, setLoaded] = useState<{ of: string; when: When } | null>(null);
  const { key, count, run } = series;
  const of = held && !series.pass ? `${key} ${count} ${step}` : '';
  useEffect(() => {
    if (of === '') return undefined;
    const stop = new AbortController();
    const along = async (x: 'epoch' | 'time'): Promise<number | undefined> => {
      const { items: all } = await search(source, { q, x, columns: COLUMNS, only: [run.id] }, stop.signal);
      const line = all.find((item) => item.key === key);
      return line && placeOf(line, step);
    };
    Promise.all([along('epoch'), along('time')]).then(
      ([epoch, time]) => setLoaded({ of, when: { epoch, time } }),
      // Without an answer, the tooltip shows what is known.
      () => undefined,
    );
    return () => stop.abort();
  }, [source, q, of, key, step, run.id]);
  if (held && series.pass) return { time: timeInPass(series, step) };
  return loaded?.of === of ? loaded.when : NOTHING;
}
