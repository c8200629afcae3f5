/** The state in the address, and changes of it. */
import { useCallback, useMemo } from 'react';
import { DEFAULT_VIEW } from '../../explorer/view/view';
import { adjust, useSearch } from '../../parts/address';
import { readWall, written, type StandardRuns, type WallView } from './wallView';

/** `replace`: without a step for Back, as while typing. */
export type ChangeWall = (change: Partial<WallView>, options?: { replace?: boolean }) => void;

const EXPLORER = Object.fromEntries(Object.keys(DEFAULT_VIEW).map((name) => [name, null]));

export function useWall(page: string, standard?: StandardRuns): [WallView, ChangeWall] {
  const search = useSearch();
  const view = useMemo(() => readWall(search, standard), [search, standard]);
  const change = useCallback<ChangeWall>(
    (part, options) => {
      const experiment = 'experiment' in part ? (part.experiment ?? null) : readWall(window.location.search).experiment;
      const other = 'metric' in part || 'enlarged' in part ? EXPLORER : {};
      adjust({ page, ...other, ...written(part, experiment, standard) }, options);
    },
    [page, standard],
  );
  return [view, change];
}
