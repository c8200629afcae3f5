/**
 * Points of the zoomed window at full detail, or all points where a smoothing has to see them, by series key. Until they
 * arrive, the coarse points are shown.
 */
import { useSource } from './source';
import { useEffect, useRef, useState } from 'react';
import type { Range, XAxis } from './axis';
import type { Result, Series } from './result';
import { COLUMNS, search } from './search';

export type Detail = ReadonlyMap<string, Series>;
const NONE: Detail = new Map();
const SETTLE = 120;
/** A live run grows all the time; its zoomed window follows at this pace. */
const FOLLOW = 2000;

/** So many pixel columns thin out nothing; the server allows no more. */
const ALL = 20_000;
/** More stored points than this are not asked for at once. */
const MOST_POINTS = 3_000_000;

/** Whether a smoothing of this result sees every point that was recorded. */
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
