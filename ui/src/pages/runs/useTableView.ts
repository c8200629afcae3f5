/** The state of a page about runs: what it has in common with the metrics explorer is written in the same words. */
import { useCallback, useMemo } from 'react';
import { navigate, useSearch } from '../../parts/address';
import { parse, serialize } from '../../explorer/view/url';
import type { Change } from '../../explorer/view/useView';
import { DEFAULT_VIEW, type View } from '../../explorer/view/view';

const SHARED = Object.keys(DEFAULT_VIEW);
/** Runs are not grouped by anything until somebody asks for it. */
export const RUN_VIEW: View = { ...DEFAULT_VIEW, color: [], stroke: [], chart: [] };

/** The address with another view; parameters of the page's own stay. */
export function withView(search: string, view: View): string {
  const next = new URLSearchParams(search);
  for (const name of SHARED) next.delete(name);
  for (const [name, value] of new URLSearchParams(serialize(view, RUN_VIEW))) next.append(name, value);
  return `?${next.toString()}`;
}

export function useTableView(): [View, Change] {
  const search = useSearch();
  const view = useMemo(() => parse(search, RUN_VIEW), [search]);
  const change = useCallback<Change>((part, kind = 'step') => {
    const now = window.location.search;
    navigate(withView(now, { ...parse(now, RUN_VIEW), ...part }), { replace: kind === 'adjust' });
  }, []);
  return [view, change];
}
