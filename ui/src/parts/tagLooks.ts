/** The colors that people gave to tags, asked for once and shared by every chip. */
import { useEffect, useSyncExternalStore } from 'react';
import type { Tag } from '../wire';
import { ask } from '../data/requests';

let looks: ReadonlyMap<string, Tag> = new Map();
let asked = false;
const listeners = new Set<() => void>();

export function refreshTags(): void {
  asked = true;
  ask.tags().then(
    ({ tags }) => {
      looks = new Map(tags.map((tag) => [tag.name, tag]));
      for (const listener of listeners) listener();
    },
    () => {
      asked = false;
    },
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTagLooks(): ReadonlyMap<string, Tag> {
  useEffect(() => {
    if (!asked) refreshTags();
  }, []);
  return useSyncExternalStore(subscribe, () => looks);
}
