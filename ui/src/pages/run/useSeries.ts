/** The points of some metrics of one run, requested in parts so that the first charts appear at once. */
import { useSource } from '../../data/source';
import { useEffect, useMemo, useRef, useState } from 'react';
import { apiOf } from '../../data/api';
import { inPasses, RECORDED } from '../../data/passes';
import { search } from '../../data/search';
import type { Series } from '../../data/result';
import type { View } from '../../explorer/view/view';
import type { Run } from '../../wire';
import { useNews } from '../../parts/useFrame';
import { metricWords, quoted, WITH_ARCHIVED } from '../../text/words';
import { usePaced } from '../../parts/useAsked';

const AT_ONCE = 24;

export interface SeriesOf {
  /** The series of a metric, one per context; undefined while they are loading. */
  of(name: string): readonly Series[] | undefined;
  /** All that are here, and what they answer. */
  readonly items: readonly Series[];
  readonly revision: string;
  readonly statement: string;
  /** The axis of the points, and whether they are split. */
  readonly drawn: Drawn;
  readonly failed: boolean;
}

type Drawn = Pick<View, 'x' | 'passes'>;

interface Loaded {
  readonly drawn: Drawn;
  readonly byName: ReadonlyMap<string, readonly Series[]>;
  readonly revision: string;
  readonly sources: readonly string[];
}

/** `passes`: along steps, split where these start again. */
export function useSeries(run: Run, names: readonly string[], columns: number, { x, passes }: Drawn): SeriesOf {
  const source = useSource();
  const [loaded, setLoaded] = useState<Loaded>({ drawn: { x, passes }, byName: new Map(), revision: '', sources: [] });
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
        // A run comes from one source.
        known.current = { of, sources: sources[0] ?? [] };
      }
      const { sources } = known.current;
      for (let from = 0; from < wanted.length; from += AT_ONCE) {
        const part = wanted.slice(from, from + AT_ONCE);
        const q = `${part.map((name) => metricWords(name, sources)).join(', ')} if ${WITH_ARCHIVED}`;
        const split = passes && x === 'step';
        const asked = { q, x: split ? RECORDED : x, columns, only: [run.id] };
        const result = await search(source, asked, abort.signal);
        if (abort.signal.aborted) return;
        const { items } = split ? inPasses(result) : result;
        const fresh = part.map((name) => [name, items.filter((item) => item.name === name)] as const);
        setLoaded(({ drawn, byName }) => ({
          drawn: drawn.x === x && drawn.passes === passes ? drawn : { x, passes },
          byName: new Map([...(drawn.x === x && drawn.passes === passes ? byName : []), ...fresh]),
          revision: result.revision,
          sources,
        }));
        setFailed(false);
      }
    };
    load().catch(() => !abort.signal.aborted && setFailed(true));
    return () => abort.abort();
  }, [source, run.id, key, columns, x, passes, count]);
  const { drawn, byName, revision, sources } = loaded;
  return useMemo<SeriesOf>(() => {
    const words = [...byName.keys()].map((name) => metricWords(name, sources)).join(', ');
    return {
      of: (name) => byName.get(name),
      items: [...byName.values()].flat(),
      revision,
      statement: `${words} if run.id == ${quoted(run.id)} and ${WITH_ARCHIVED}`,
      drawn,
      failed,
    };
  }, [byName, drawn, revision, sources, run.id, failed]);
}
