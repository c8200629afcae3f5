/** The runs of an expression, kept up with what running ones record. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { address, request } from '../../data/api';
import { useNews } from '../../frame/useFrame';
import { useAsked, usePaced, type Asked } from '../parts/useAsked';
import { decodeTable, mergeTables, NO_RUNS, type RunTable } from './runTable';

/** So many changed runs are asked for by their ids; of more, everything is asked again. */
const MANY = 300;

async function ask(q: string, signal: AbortSignal, only?: readonly string[]): Promise<RunTable> {
  const response = await request(address('table', { q, only: only?.join(',') }), { signal });
  return decodeTable(new Uint8Array(await response.arrayBuffer()));
}

export interface Runs {
  readonly asked: Asked<RunTable>;
  readonly table: RunTable | null;
  readonly cancelled: boolean;
  readonly cancel: () => void;
}

export function useRunTable(q: string): Runs {
  const [stopped, setStopped] = useState<string | null>(null);
  const cancelled = stopped === q;
  const asked = useAsked(cancelled ? 'nothing' : `table ${q}`, (signal) => (cancelled ? Promise.resolve(NO_RUNS) : ask(q, signal)));
  const [patched, setPatched] = useState<{ base: RunTable; table: RunTable } | null>(null);
  const table = cancelled ? null : patched && patched.base === asked.data ? patched.table : asked.data;
  const changed = useRef(new Set<string>());
  const latest = useRef({ q, table, base: asked.data });
  useEffect(() => {
    latest.current = { q, table, base: asked.data };
  });
  const refresh = usePaced(() => {
    const { base, table: known } = latest.current;
    const runs = [...changed.current];
    changed.current.clear();
    if (!base || !known || runs.length > MANY) {
      asked.again();
      return;
    }
    if (runs.length === 0) return;
    ask(q, new AbortController().signal, runs).then(
      (fresh) => {
        const now = latest.current;
        if (now.base === base && now.table) setPatched({ base, table: mergeTables(now.table, fresh, runs) });
      },
      () => undefined,
    );
  });
  useNews({
    changed: (runs) => {
      for (const run of runs) changed.current.add(run);
      refresh();
    },
    began: (revision) => {
      const known = latest.current.table;
      if (known && known.result.revision !== revision) asked.again();
    },
  });
  const cancel = useCallback(() => setStopped(q), [q]);
  const again = useCallback(() => {
    setStopped(null);
    asked.again();
  }, [asked.again]);
  return { asked: { ...asked, again }, table, cancelled, cancel };
}
