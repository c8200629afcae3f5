/** One question to the server: loading, answered, failed. A new answer replaces the old one without an empty moment. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, problemOf } from '../data/error';
import { useFrame } from './useFrame';
import type { Problem } from '../wire';
import { inTurn } from './inTurn';

export interface Asked<T> {
  readonly data: T | null;
  readonly problem: Problem | null;
  readonly gone: boolean;
  readonly missing: boolean;
  readonly again: () => void;
}

type Outcome<T> = Omit<Asked<T>, 'again'>;
const NOTHING = { data: null, problem: null, gone: false, missing: false };

/** What was asked for does not exist, or cannot: its name is not valid. */
const UNKNOWN: ReadonlySet<number> = new Set([400, 404]);

function failed(error: unknown): Outcome<never> {
  const [gone, missing] = error instanceof ApiError ? [error.gone, UNKNOWN.has(error.status)] : [false, false];
  return { data: null, problem: problemOf(error), gone, missing };
}

/** `key` names the question; `question` is asked again when it changes, and by `again`. */
export function useAsked<T>(key: string, question: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const { lost, reachable, refresh } = useFrame().server;
  const [last, setLast] = useState<Outcome<T> & { key: string }>({ ...NOTHING, key });
  const turns = useRef<ReturnType<typeof inTurn> | null>(null);
  const latest = useRef(question);
  useEffect(() => {
    latest.current = question;
  });
  useEffect(() => {
    if (!reachable) return undefined;
    const ask = async (signal: AbortSignal): Promise<void> => {
      try {
        const data = await latest.current(signal);
        if (!signal.aborted) setLast({ ...NOTHING, data, key });
      } catch (error) {
        if (signal.aborted) return;
        const outcome = failed(error);
        setLast((old) => ({ ...outcome, data: outcome.gone && old.key === key ? old.data : null, key }));
        if (outcome.gone) lost();
        else if (error instanceof ApiError && error.unable) refresh();
      }
    };
    const mine = inTurn(ask);
    turns.current = mine;
    return () => mine.stop();
  }, [key, reachable, lost, refresh]);
  const again = useCallback(() => turns.current?.again(), []);
  const current = last.key === key ? last : { ...NOTHING, key };
  return { data: current.data, problem: current.problem, gone: current.gone, missing: current.missing, again };
}

/** Calls at most once in `pause` milliseconds: a live run has news all the time. */
export function usePaced(call: () => void, pause = 1000): () => void {
  const timer = useRef(0);
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      latest.current();
    }, pause);
  }, [pause]);
}
