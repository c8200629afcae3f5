/** The points of some metrics of one run, requested in parts so that the first charts appear at once. */
import { useSource } from '../../data/source';
import { useCallback, useEffect, useRef, useState } from 'react';
import { apiOf } from '../../data/api';
import { inPasses, RECORDED } from '../../data/passes';
import { search } from '../../data/search';
import type { Series } from '../../data/result';
import type { Run } from '../../wire';
import { useNews } from '../../parts/useFrame';
import { metricWords, WITH_ARCHIVED } from '../../text/words';
import { usePaced } from '../../parts/useAsked';

const AT_ONCE = 24;

export interface SeriesOf {
  /** The series of a metric, one per context; undefined while they are loading. */
  of(name: string): readonly Series[] | undefined;
  readonly failed: boolean;
}

/** `passes`: split where steps start again. */
export function useSeries(run: Run, names: readonly string[], columns: number, passes: boolean): SeriesOf {
  const source = useSource();
  const [loaded, setLoaded] = useState<ReadonlyMap<string, readonly Series[]>>(new Map());
  const [failed, setFailed] = useState(false);
  const [count, setCount] = useState(0);
  const again = usePaced(() => setCount((before) => before + 1), 700);
  useNews({ changed: (runs) => runs.includes(run.id) && again() });
  const key = names.join('\n');
  /** What these metrics are read from, the same as long as the run goes on. */
  const known = useRef<{ of: string; sources: readonly string[] } | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      const wanted = key === '' ? [] : key.split('\n');
      if (wanted.length === 0) return;
      const of = `${run.id}\n${key}`;
      if (known.current?.of !== of) {
        const { sources } = await apiOf(source).ask.metricNames('', 1, abort.signal, run.id);
        known.current = { of, sources };
      }
      const { sources } = known.current;
      for (let from = 0; from < wanted.length; from += AT_ONCE) {
        const part = wanted.slice(from, from + AT_ONCE);
        const q = `${part.map((name) => metricWords(name, sources)).join(', ')} if ${WITH_ARCHIVED}`;
        const x = passes ? RECORDED : 'step';
        const result = await search(source, { q, x, columns, only: [run.id] }, abort.signal);
        if (abort.signal.aborted) return;
        const { items: series } = passes ? inPasses(result) : result;
        const byName = new Map(part.map((name) => [name, series.filter((item) => item.name === name)]));
        setLoaded((old) => new Map([...old, ...byName]));
        setFailed(false);
      }
    };
    load().catch(() => !abort.signal.aborted && setFailed(true));
    return () => abort.abort();
  }, [source, run.id, key, columns, passes, count]);
  const of = useCallback((name: string) => loaded.get(name), [loaded]);
  return { of, failed };
}
