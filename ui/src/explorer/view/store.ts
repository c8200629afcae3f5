/** The store of one explorer's view, so that a page can hold several. */
import { DEFAULT_VIEW, type View } from './view';

/** `step`: adds a Back step; `adjust`: a continuous change such as dragging a slider, which does not. */
export type Change = (change: Partial<View>, kind?: 'step' | 'adjust') => void;

export interface ViewStore {
  readonly get: () => View;
  /** Whether a part of the view is not here, because it is too long for the address. */
  readonly lost: () => boolean;
  readonly change: Change;
  readonly subscribe: (listener: () => void) => () => void;
}

export function viewInMemory(standard = DEFAULT_VIEW): ViewStore {
  let view = standard;
  const listeners = new Set<() => void>();
  return {
    get: () => view,
    lost: () => false,
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
