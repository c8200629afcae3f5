/** The selected runs of a table, visible or not. Actions apply to whole runs. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { messageOf } from '../data/error';
import type { Item, Run } from '../data/result';
import { useToast } from '../parts/design/Toast';
import type { RowSource } from './rowSource';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly runs: readonly Run[];
  /** Selects or deselects the runs of the rows from `first` up to `end`. */
  readonly set: (first: number, end: number, on: boolean) => void;
  readonly clear: () => void;
}

/** A new question, `answered`, clears the selection. `known` gives the current state of a run, null if it is gone. */
export function useSelection<T extends Item>(
  rows: RowSource<T>,
  answered: string,
  known: (run: Run) => Run | null,
): Selection {
  const toast = useToast();
  const [selected, setSelected] = useState<ReadonlyMap<string, Run>>(NONE);
  const clear = useCallback(() => setSelected(NONE), []);
  useEffect(clear, [answered, clear]);
  const set = useCallback(
    (first: number, end: number, on: boolean) => {
      const put = (runs: readonly Run[]): void =>
        setSelected((before) => {
          const next = new Map(before);
          for (const run of runs) {
            if (on) next.set(run.id, run);
            else next.delete(run.id);
          }
          return next;
        });
      const runs = rows.runs(first, end);
      if (runs instanceof Promise)
        runs.then(put, (error: unknown) => toast({ text: messageOf(error), tone: 'danger' }));
      else put(runs);
    },
    [rows, toast],
  );
  const runs = useMemo(() => [...selected.values()].flatMap((run) => known(run) ?? []), [selected, known]);
  const ids = useMemo(() => new Set(runs.map(({ id }) => id)), [runs]);
  return { ids, runs, set, clear };
}

const NONE: ReadonlyMap<string, Run> = new Map();
