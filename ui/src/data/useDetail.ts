/**
 * Points of the zoomed window in full detail, or all points if smoothing needs them, by series key. Until they arrive,
 * the coarse points are shown.
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

/** With this many pixel columns, nothing is thinned out; it is the server's maximum. */
const ALL = 20_000;
/** More stored points than this are not requested at once. */
const MOST_POINTS = 3_000_000;

/** Whether smoothing of this result uses every recorded point. */
export const wholly = ({ points, items: series }: Result): boolean =>
  points <= MOST_POINTS && series.every(({ count }) => count <= 2 * ALL);

export function useDetail(
  result: Result | null,
  q: string | null,
  x: XAxis,
  window_: Range | null,
  smoothed: boolean,
): Detail {
  const source = useSource();
  const [detail, setDetail] = useState<Detail>(NONE);
  const sampled = result?.items.some((series) => series.sampled) ?? false;
  const revision = result?.revision;
  const all = smoothed && result !== null && wholly(result);
  const [lo, hi] = (all ? null : window_) ?? [undefined, undefined];
  const columns = all ? ALL : COLUMNS;
  const shown = useRef('');
  useEffect(() => {
    if (q === null || !sampled || (!all && (lo === undefined || hi === undefined))) {
      setDetail(NONE);
      shown.current = '';
      return undefined;
    }
    const wanted = `${q}\n${x}\n${lo}\n${hi}\n${columns}`;
    const abort = new AbortController();
    const timer = window.setTimeout(
      () => {
        search(source, { q, x, columns, lo, hi }, abort.signal).then(
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
  }, [source, q, x, sampled, all, columns, lo, hi, revision]);
  return detail;
}
