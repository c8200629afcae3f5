/** Runs to choose from, found on the server while a text is typed. */
import { useMemo } from 'react';
import { runNames, type RunNames } from '../../explorer/names';
import { useRested } from '../../parts/useRested';
import { useSearcher } from '../../parts/useSearcher';
import type { Problem } from '../../wire';
import { FOUND_RUNS, type FoundRuns } from './found';

export interface FoundByText {
  /** The last answer, which stays while the next one is awaited. */
  readonly found: FoundRuns | null;
  /** Told apart. */
  readonly names: RunNames;
  /** Whether `found` answers the text as it is now. */
  readonly current: boolean;
  readonly problem: Problem | null;
}

export function useFoundRuns(q: string, find: string, limit: number): FoundByText {
  const rested = useRested(find);
  const [{ result: found, answered, problem }] = useSearcher(FOUND_RUNS, { q, find: rested, limit });
  const names = useMemo(() => runNames({ runs: found?.runs ?? NONE, paths: found?.paths ?? NONE }), [found]);
  return { found, names, current: answered?.q === q && answered.find === find, problem };
}

const NONE: readonly never[] = [];
