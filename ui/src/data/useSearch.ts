/** One search at a time as React state: streaming, cancelled, failed or done; later changes of its runs are merged in. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { XAxis } from '../state/view';
import type { Problem, Run as RunRow } from '../wire';
import { ApiError } from './api';
import { editRuns, mergeRuns, type Result } from './result';
import { search } from './search';

export type Phase = 'idle' | 'loading' | 'done' | 'cancelled' | 'failed';
export interface SearchState {
  phase: Phase;
  /** What is on the screen: while a new search has not answered yet, still the one before. */
  result: Result | null;
  /** The query that `result` answers. */
  answered: string | null;
  progress: number;
  problem: Problem | null;
  gone: boolean;
}

export interface SearchActions {
  run: (q: string, x: XAxis) => void;
  again: () => void;
  cancel: () => void;
  clear: () => void;
  refetch: (runs: string[]) => void;
  edit: (ids: ReadonlySet<string>, change: Partial<RunRow>) => void;
}

const IDLE: SearchState = { phase: 'idle', result: null, answered: null, progress: 0, problem: null, gone: false };
/** About two points for each pixel of the widest chart a screen shows; zooming asks for more. */
export const COLUMNS = 800;
/** Ids of 32 characters: what fits an address of 8 kB with room to spare. */
const IDS_AT_ONCE = 120;

export function useSearch(): [SearchState, SearchActions] {
  const [state, setState] = useState(IDLE);
  const running = useRef<AbortController | null>(null);
  const last = useRef<{ q: string; x: XAxis } | null>(null);
  const loading = useRef(false);
  const missed = useRef(false);

  const run = useCallback((q: string, x: XAxis) => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const same = last.current?.q === q;
    last.current = { q, x };
    loading.current = true;
    missed.current = false;
    setState((old) => ({ ...old, phase: 'loading', progress: 0, problem: null, gone: false }));
    const show = (result: Result, progress: number): void => {
      if (same && progress < 1) setState((old) => ({ ...old, progress }));
      else if (result.series.length > 0) setState((old) => ({ ...old, result, answered: q, progress }));
      else setState((old) => ({ ...old, progress }));
    };
    search({ q, x, columns: COLUMNS }, abort.signal, show).then(
      (result) => {
        loading.current = false;
        setState({ phase: 'done', result, answered: q, progress: 1, problem: null, gone: false });
        if (missed.current) run(q, x);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        loading.current = false;
        const problem =
          error instanceof ApiError
            ? error.problem
            : { message: error instanceof Error ? error.message : String(error), hint: null, start: null, end: null };
        setState((old) => ({ ...old, phase: 'failed', problem, gone: error instanceof ApiError && error.gone }));
      },
    );
  }, []);

  const again = useCallback(() => {
    if (last.current) run(last.current.q, last.current.x);
  }, [run]);

  const cancel = useCallback(() => {
    running.current?.abort();
    loading.current = false;
    setState((old) => ({ ...old, phase: 'cancelled' }));
  }, []);

  const clear = useCallback(() => {
    running.current?.abort();
    last.current = null;
    loading.current = false;
    setState(IDLE);
  }, []);

  const refetch = useCallback(
    (runs: string[]) => {
      const wanted = last.current;
      const signal = running.current?.signal;
      if (!wanted || !signal || signal.aborted || runs.length === 0) return;
      if (loading.current) {
        missed.current = true;
        return;
      }
      if (runs.length > IDS_AT_ONCE * 4) {
        again();
        return;
      }
      for (let from = 0; from < runs.length; from += IDS_AT_ONCE) {
        const only = runs.slice(from, from + IDS_AT_ONCE);
        search({ ...wanted, columns: COLUMNS, only }, signal).then(
          (fresh) => {
            if (last.current === wanted)
              setState((old) => (old.result ? { ...old, result: mergeRuns(old.result, fresh, only) } : old));
          },
          () => undefined,
        );
      }
    },
    [again],
  );

  const edit = useCallback((ids: ReadonlySet<string>, change: Partial<RunRow>) => {
    setState((old) => (old.result ? { ...old, result: editRuns(old.result, ids, change) } : old));
  }, []);

  useEffect(() => () => running.current?.abort(), []);
  const actions = useRef<SearchActions>({ run, again, cancel, clear, refetch, edit });
  return [state, actions.current];
}
