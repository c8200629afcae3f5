/** What holds the view of one explorer, so that several can stand on one page. */
import { DEFAULT_VIEW, type View } from './view';

/** `step`: worth a Back; `adjust`: a movement such as dragging a slider, which is not. */
export type Change = (change: Partial<View>, kind?: 'step' | 'adjust') => void;

export interface ViewStore {
  readonly get: () => View;
  readonly change: Change;
  readonly subscribe: (listener: () => void) => () => void;
}

export function viewInMemory(standard = DEFAULT_VIEW): ViewStore {
  let view = standard;
  const listeners = new Set<() => void>();
  return {
    get: () => view,
    change: (part) => {
      view = { ...view, ...part };
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
