/**
 * Points of the zoomed window in full detail, smoothed by the server where all points are, by series key. Until they
 * arrive, the coarse points are shown. A series that is here completely needs none: it is zoomed and smoothed here.
 */
import { useSource } from './source';
import { useEffect, useMemo, useState } from 'react';
import type { Problem } from '../wire';
import type { Interval, XAxis } from './axis';
import { DetailLoader, fitting, NO_DETAIL } from './detail';
import type { Result, Series } from './result';
import { COLUMNS } from './search';

export type Detail = ReadonlyMap<string, Series>;
const NONE: Detail = new Map();

/** How lines are smoothed: the factor of an exponential average, and the points of a moving one, which wins. */
export interface Smoothed {
  readonly smooth: number;
  readonly average: number;
}

interface Detailed {
  readonly detail: Detail;
  /** Why there are none, or older ones. */
  readonly problem: Problem | null;
}

export function useDetail(
  result: Pick<Result, 'items' | 'revision'> | null,
  q: string | null,
  x: XAxis,
  window_: Interval | null,
  { smooth, average }: Smoothed,
): Detailed {
  const source = useSource();
  const [state, setState] = useState(NO_DETAIL);
  const loader = useMemo(() => new DetailLoader(source, setState), [source]);
  const sampled = result?.items.some((series) => series.sampled) ?? false;
  const revision = result?.revision ?? '';
  const smoothing = smooth > 0 || average > 1;
  const [lo, hi] = window_ ?? [undefined, undefined];
  const drawn = useMemo(() => ({ x, ...(smoothing && { smooth, average }) }), [x, smoothing, smooth, average]);
  useEffect(() => {
    const needed = q !== null && sampled && (smoothing || (lo !== undefined && hi !== undefined));
    loader.ask(needed ? { q, columns: COLUMNS, lo, hi, ...drawn } : null, revision);
  }, [loader, q, sampled, lo, hi, smoothing, drawn, revision]);
  useEffect(() => () => loader.ask(null, ''), [loader]);
  return { detail: fitting(state, drawn) ?? NONE, problem: state.problem };
}
