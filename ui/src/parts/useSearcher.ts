/** A search as a page holds it: asked when what is wanted changes, kept up with the news, and again once the server is back. */
import { useSource } from '../data/source';
import { useSteady } from './useSteady';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Searcher, type Question, type SearchState } from '../data/searcher';
import { useFrame, useNews } from './useFrame';

/** Without anything `wanted` there is no search. */
export function useSearcher<W, R>(question: Question<W, R>, wanted: W | null): [SearchState<W, R>, Searcher<W, R>] {
  const { reachable, lost, refresh } = useFrame().server;
  const source = useSource();
  const [searcher] = useState(() => new Searcher(question, source));
  const search = useSyncExternalStore(searcher.subscribe, () => searcher.state);
  const steady = useSteady(wanted);

  useEffect(() => {
    if (steady === null) searcher.clear();
    else searcher.run(steady);
  }, [steady, searcher]);
  useEffect(() => () => searcher.clear(), [searcher]);

  useEffect(() => {
    if (search.gone) lost();
  }, [search.gone, lost]);
  useEffect(() => {
    if (search.unable) refresh();
  }, [search.unable, refresh]);
  const wasReachable = useRef(true);
  useEffect(() => {
    if (reachable && !wasReachable.current) searcher.again();
    wasReachable.current = reachable;
  }, [reachable, searcher]);

  useNews({ changed: (runs) => searcher.changed(runs), began: (revision) => searcher.heard(revision) });
  return [search, searcher];
}
