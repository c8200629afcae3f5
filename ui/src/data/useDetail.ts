/**
 * Points of the zoomed window in full detail, smoothed by the server where all points are, by series key. Until they
 * arrive, the coarse points are shown. A series that is here completely needs none: it is zoomed and smoothed here.
 */
import { useSource } from './source';
import { useEffect, useRef, useState } from 'react';
import type { Range, XAxis } from './axis';
import type { Result, Series } from './result';
import { COLUMNS, search } from './search';

export type Detail = ReadonlyMap<string, Series>;
const NONE: Detail = new Map();
const SETTLE = 120;
/** The update interval of a zoomed window of a live run. */
const FOLLOW = 2000;

/** How lines are smoothed: the factor of an exponential average, and the points of a moving one, which wins. */
export interface Smoothed {
  readonly smooth: number;
  readonly average: number;
}

export function useDetail(
  result: Result | null,
  q: string | null,
  x: XAxis,
  window_: Range | null,
  { smooth, average }: Smoothed,
): Detail {
  const source = useSource();
  const [detail, setDetail] = useState<Detail>(NONE);
  const sampled = result?.items.some((series) => series.sampled) ?? false;
  const revision = result?.revision;
  const smoothing = smooth > 0 || average > 1;
  const [lo, hi] = window_ ?? [undefined, undefined];
  const shown = useRef('');
  useEffect(() => {
    if (q === null || !sampled || (!smoothing && (lo === undefined || hi === undefined))) {
      setDetail(NONE);
      shown.current = '';
      return undefined;
    }
    const wanted = `${q}\n${x}\n${lo}\n${hi}\n${smooth}\n${average}`;
    const abort = new AbortController();
    const timer = window.setTimeout(
      () => {
        search(source, { q, x, columns: COLUMNS, lo, hi, ...(smoothing && { smooth, average }) }, abort.signal).then(
          (part) => {
            shown.current = wanted;
            setDetail(new Map(part.items.map((series) => [series.key, series])));
          },
          () => undefined,
        );
      },
      shown.current === wanted ? FOLLOW : SETTLE,
    );
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [source, q, x, sampled, lo, hi, smoothing, smooth, average, revision]);
  return detail;
}
