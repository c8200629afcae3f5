/** The view of the surrounding explorer. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Change, ViewStore } from './store';
import type { View } from './view';

export const ViewContext = createContext<ViewStore | null>(null);

function useStore(): ViewStore {
  const store = useContext(ViewContext);
  if (!store) throw new Error('There is no view here: wrap the explorer in a ViewContext.');
  return store;
}

export function useLost(): boolean {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, store.lost);
}

export function useView(): [View, Change] {
  const store = useStore();
  return [useSyncExternalStore(store.subscribe, store.get), store.change];
}
