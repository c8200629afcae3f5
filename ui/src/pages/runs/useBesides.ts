/** Metrics where another one is best: the server finds them among all points, for the columns that show them. */
import { itemAt } from '../../text/lists';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useSource, type DataSource } from '../../data/source';
import { address } from '../../data/api';
import { messageOf } from '../../data/error';
import { floats, FrameDecoder } from '../../data/frames';
import { useToast } from '../../parts/design/Toast';
import { useNews } from '../../parts/useFrame';
import { usePaced } from '../../parts/useAsked';
import { besideKey, type Beside } from './reducers';
import type { Measured } from './measured';
import type { ListedRuns } from './runTable';

/** Of more changed runs, everything is asked again. */
const MANY = 120;

export interface AtBest {
  readonly value: number;
  readonly step: number;
}

type OfRuns = ReadonlyMap<string, AtBest>;
export type Besides = ReadonlyMap<string, OfRuns>;

/** The values of some runs, or of all of an expression. */
export async function askBeside(
  source: DataSource,
  q: string,
  shown: Measured,
  by: Measured,
  side: Beside['side'],
  only?: readonly string[],
): Promise<OfRuns> {
  const query = {
    q,
    metric: shown.name,
    context: JSON.stringify(shown.context),
    by: by.name,
    by_context: JSON.stringify(by.context),
  };
  const response = await source.request(address('beside', { ...query, side, only: only?.join(',') }));
  const decoder = new FrameDecoder();
  const [decoded] = decoder.push(new Uint8Array(await response.arrayBuffer()));
  decoder.finish();
  if (decoded?.frame.kind !== 'beside') return new Map();
  const [values, steps] = [floats(decoded, 'value'), floats(decoded, 'step')];
  return new Map(decoded.frame.runs.map((run, at) => [run, { value: itemAt(values, at), step: itemAt(steps, at) }]));
}

export function useBesides(q: string, { measured }: ListedRuns, wanted: readonly Beside[]): Besides {
  const source = useSource();
  const toast = useToast();
  const [loaded, setLoaded] = useState<{ q: string; besides: Besides }>({ q, besides: new Map() });
  const asked = useRef<{ q: string; keys: Set<string> }>({ q, keys: new Set() });
  const changed = useRef(new Set<string>());
  /** Where the news began: after a pause they begin elsewhere, and what happened between was not heard. */
  const heard = useRef<string | null>(null);

  const load = useCallback(
    (which: readonly Beside[], only?: readonly string[]): void => {
      for (const beside of which) {
        const [shown, by] = [beside.metric, beside.by].map((id) => measured.find((metric) => metric.id === id));
        if (!shown || !by) continue;
        const key = besideKey(beside);
        asked.current.keys.add(key);
        const take = (fresh: OfRuns): void =>
          setLoaded((old) => {
            const known = old.q === q ? old.besides : new Map<string, OfRuns>();
            const kept = [...(known.get(key) ?? [])].filter(([run]) => only && !only.includes(run));
            return { q, besides: new Map([...known, [key, new Map([...kept, ...fresh])]]) };
          });
        askBeside(source, q, shown, by, beside.side, only).then(take, (error: unknown) => {
          if (!only) toast({ text: messageOf(error), tone: 'danger' });
        });
      }
    },
    [source, q, measured, toast],
  );

  useEffect(() => {
    if (asked.current.q !== q) asked.current = { q, keys: new Set() };
    load(wanted.filter((beside) => !asked.current.keys.has(besideKey(beside))));
  }, [q, wanted, load]);

  const refresh = usePaced(() => {
    const runs = [...changed.current];
    changed.current.clear();
    if (runs.length) load(wanted, runs.length > MANY ? undefined : runs);
  });
  useNews({
    changed: (runs) => {
      if (wanted.length === 0) return;
      for (const run of runs) changed.current.add(run);
      refresh();
    },
    began: (revision) => {
      const before = heard.current;
      heard.current = revision;
      if (before !== null && before !== revision) load(wanted);
    },
  });
  return loaded.q === q ? loaded.besides : NONE;
}

const NONE: Besides = new Map();
