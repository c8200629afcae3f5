/** The series of some metrics of a dashboard, while they are loaded. */
import { useCallback, useState, useSyncExternalStore } from 'react';
import type { Series } from '../../data/result';
import type { Problem } from '../../wire';
import type { WallCurves } from '../home/wallCurves';

interface LoadedSeries {
  readonly parts: readonly (readonly Series[] | undefined)[];
  readonly problem: Problem | undefined;
  /** Undefined until all metrics are loaded. */
  readonly series: readonly Series[] | undefined;
}

/** The same object as long as nothing of these metrics changed. */
export function useSeriesOf(curves: WallCurves, names: readonly string[]): LoadedSeries {
  const [kept] = useState<{ last: LoadedSeries }>(() => ({
    last: { parts: [], problem: undefined, series: undefined },
  }));
  const joined = names.join('\n');
  const read = useCallback((): LoadedSeries => {
    const wanted = joined === '' ? [] : joined.split('\n');
    const parts = wanted.map((name) => curves.of(name));
    const problem = curves.problem ?? wanted.map((name) => curves.problemOf(name)).find(Boolean);
    const { last } = kept;
    const same = parts.length === last.parts.length && parts.every((part, at) => part === last.parts[at]);
    if (same && last.problem === problem && last.series !== undefined) return last;
    if (same && last.problem === problem && parts.some((part) => part === undefined)) return last;
    const series = parts.every((part) => part !== undefined) ? parts.flatMap((part) => part ?? []) : undefined;
    kept.last = { parts, problem, series };
    return kept.last;
  }, [curves, joined, kept]);
  return useSyncExternalStore(curves.subscribe, read);
}
