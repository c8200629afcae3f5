/** The view of the surrounding explorer. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Change, ViewStore } from './store';
import type { View } from './view';

export const ViewContext = createContext<ViewStore | null>(null);

export function useView(): [View, Change] {
  const store = useContext(ViewContext);
  if (!store) throw new Error('There is no view here: wrap the explorer in a ViewContext.');
  return [useSyncExternalStore(store.subscribe, store.get), store.change];
}
