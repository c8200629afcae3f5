/** Points of the zoomed window at full detail, by series key. Until they arrive, the coarse points are shown. */
import { useEffect, useRef, useState } from 'react';
import type { Range, XAxis } from '../state/view';
import type { Result, Series } from './result';
import { search } from './search';
import { COLUMNS } from './searcher';

export type Detail = ReadonlyMap<string, Series>;
const NONE: Detail = new Map();
const SETTLE = 120;
/** A live run grows all the time; its zoomed window follows at this pace. */
const FOLLOW = 2000;

export function useDetail(result: Result | null, q: string | null, x: XAxis, window_: Range | null): Detail {
  const [detail, setDetail] = useState<Detail>(NONE);
  const sampled = result?.series.some((series) => series.sampled) ?? false;
  const revision = result?.revision;
  const [lo, hi] = window_ ?? [undefined, undefined];
  const shown = useRef('');
  useEffect(() => {
    if (q === null || !sampled || lo === undefined || hi === undefined) {
      setDetail(NONE);
      shown.current = '';
      return undefined;
    }
    const wanted = `${q}\n${x}\n${lo}\n${hi}`;
    const abort = new AbortController();
    const timer = window.setTimeout(
      () => {
        search({ q, x, columns: COLUMNS, lo, hi }, abort.signal).then(
          (found) => {
            shown.current = wanted;
            setDetail(new Map(found.series.map((series) => [series.key, series])));
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
  }, [q, x, sampled, lo, hi, revision]);
  return detail;
}
