/** Which values of metrics are better: as people set it, else by their names. Asked for once for each data source. */
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useApi } from '../data/api';
import { guessed, type Direction } from '../text/direction';
import { sharedAnswer } from './sharedAnswer';
import { useEdit } from './useEdit';
import { useFrame, useNews } from './useFrame';

type Known = Readonly<Record<string, Direction>>;

const useStore = sharedAnswer<Known>({}, async (api, before) => {
  const { directions } = await api.ask.directions();
  return JSON.stringify(directions) === JSON.stringify(before) ? before : directions;
});

export interface MetricDirections {
  readonly of: (name: string) => Direction;
  /** Null where the repository cannot be changed. */
  readonly set: ((name: string, direction: Direction) => Promise<boolean>) | null;
}

export function useDirections(): MetricDirections {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const store = useStore();
  useEffect(() => store.load(), [store]);
  // A change that concerns no run may be one of a direction.
  useNews({ changed: (runs) => runs.length === 0 && void store.refresh(), missed: () => void store.refresh() });
  const known = useSyncExternalStore(store.subscribe, () => store.current);
  const set = useCallback(
    async (metric: string, direction: Direction): Promise<boolean> => {
      const own = direction === guessed(metric) ? null : direction;
      const better = direction === 'max' ? 'higher' : 'lower';
      const done = await edit([], () => write.direction({ metric, direction: own }), `${metric}: ${better} is better.`);
      await store.refresh();
      return done;
    },
    [edit, write, store],
  );
  const of = useCallback(
    (name: string) => (Object.hasOwn(known, name) ? known[name] : undefined) ?? guessed(name),
    [known],
  );
  return useMemo(() => ({ of, set: readOnly === null ? set : null }), [of, set, readOnly]);
}
