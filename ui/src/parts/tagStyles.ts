/** The colors that people gave to tags, asked for once for each data source and shared by every chip. */
import { useEffect, useSyncExternalStore } from 'react';
import { useApi, type Api } from '../data/api';
import type { Tag } from '../wire';

class TagStyles {
  current: ReadonlyMap<string, Tag> = new Map();
  private asked = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly api: Api) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  load(): void {
    if (!this.asked) this.refresh();
  }

  readonly refresh = (): void => {
    this.asked = true;
    this.api.ask.tags().then(
      ({ tags }) => {
        this.current = new Map(tags.map((tag) => [tag.name, tag]));
        for (const listener of this.listeners) listener();
      },
      () => {
        this.asked = false;
      },
    );
  };
}

const made = new WeakMap<Api, TagStyles>();

function useStyles(): TagStyles {
  const api = useApi();
  const known = made.get(api) ?? new TagStyles(api);
  made.set(api, known);
  return known;
}

export const useRefreshTags = (): (() => void) => useStyles().refresh;

export function useTagStyles(): ReadonlyMap<string, Tag> {
  const styles = useStyles();
  useEffect(() => styles.load(), [styles]);
  return useSyncExternalStore(styles.subscribe, () => styles.current);
}
