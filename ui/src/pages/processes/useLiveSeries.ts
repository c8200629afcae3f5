/** The series of a query, kept up with what running runs record. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Searcher, type SearchState } from '../../data/searcher';
import { useFrame, useNews } from '../../frame/useFrame';

export function useLiveSeries(q: string | null): SearchState {
  const { reachable, lost } = useFrame().server;
  const [searcher] = useState(() => new Searcher());
  const search = useSyncExternalStore(searcher.subscribe, () => searcher.state);
  useEffect(() => {
    if (q === null) searcher.clear();
    else searcher.run({ q, x: 'step' });
  }, [q, searcher]);
  useEffect(() => () => searcher.clear(), [searcher]);
  useEffect(() => {
    if (search.gone) lost();
  }, [search.gone, lost]);
  const wasReachable = useRef(true);
  useEffect(() => {
    if (reachable && !wasReachable.current) searcher.again();
    wasReachable.current = reachable;
  }, [reachable, searcher]);
  useNews({ changed: (runs) => searcher.changed(runs), began: (revision) => searcher.heard(revision) });
  return search;
}
