/** Which values of metrics are better: as people set it, else by their names. Asked for once for each data source. */
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useApi, type Api } from '../data/api';
import { guessed, type Goal } from '../text/direction';
import { useEdit } from './useEdit';
import { useFrame, useNews } from './useFrame';

type Known = Readonly<Record<string, Goal>>;

class DirectionStore {
  current: Known = {};
  private asked = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly api: Api) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  load(): void {
    if (!this.asked) void this.refresh();
  }

  readonly refresh = async (): Promise<void> => {
    this.asked = true;
    try {
      const { directions } = await this.api.ask.directions();
      if (JSON.stringify(directions) === JSON.stringify(this.current)) return;
      this.current = directions;
      for (const listener of this.listeners) listener();
    } catch {
      this.asked = false;
    }
  };
}

const made = new WeakMap<Api, DirectionStore>();

function useStore(): DirectionStore {
  const api = useApi();
  const known = made.get(api) ?? new DirectionStore(api);
  made.set(api, known);
  return known;
}

export interface Goals {
  readonly of: (name: string) => Goal;
  /** Null where the repository cannot be changed. */
  readonly set: ((name: string, direction: Goal) => Promise<boolean>) | null;
}

export function useDirections(): Goals {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const store = useStore();
  useEffect(() => store.load(), [store]);
  // A change that concerns no run may be one of a direction.
  useNews({ changed: (runs) => runs.length === 0 && void store.refresh(), began: () => void store.refresh() });
  const known = useSyncExternalStore(store.subscribe, () => store.current);
  const set = useCallback(
    async (metric: string, direction: Goal): Promise<boolean> => {
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
