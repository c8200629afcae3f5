/** The series of a view's query along its x axis, split into passes if the view says so. */
import { useMemo } from 'react';
import type { XAxis } from '../data/axis';
import { inPasses, RECORDED } from '../data/passes';
import type { Result } from '../data/result';
import { SERIES, type Search } from '../data/search';
import type { Searcher, SearchState } from '../data/searcher';
import { useSearcher } from '../parts/useSearcher';
import type { View } from './view/view';

type AskedSeries = Pick<Search, 'q' | 'x'>;

interface SeriesSearch {
  readonly search: SearchState<AskedSeries, Result>;
  readonly searcher: Searcher<AskedSeries, Result>;
  /** What is drawn. */
  readonly drawn: {
    readonly result: Result;
    readonly answered: string;
    readonly x: XAxis;
    readonly split: boolean;
  } | null;
}

export function useSeriesSearch({ q, x, passes }: Pick<View, 'q' | 'x' | 'passes'>): SeriesSearch {
  const splits = passes && x === 'step';
  const [search, searcher] = useSearcher(SERIES, q === null || q === '' ? null : { q, x: splits ? RECORDED : x });
  const { result, answered } = search;
  const drawn = useMemo(() => {
    if (!result || !answered) return null;
    const split = splits && answered.x === RECORDED;
    return { result: split ? inPasses(result) : result, answered: answered.q, x: split ? 'step' : answered.x, split };
  }, [result, answered, splits]);
  return { search, searcher, drawn };
}
