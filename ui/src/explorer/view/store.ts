/** Where the view of one explorer lives: in the address of the page, so that Back undoes a step, or in memory. */
import { onLeave } from '../../parts/address';
import { isLegacy } from './legacy';
import { parse, serialize, written } from './url';
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

/** Browsers limit how often the address may change, so a slider's positions are written once it rests. */
const RESTS = 200;

/** `standard`: what the page shows when its address says nothing. Parameters of the page's own stay in the address. */
export function viewInAddress(standard = DEFAULT_VIEW): ViewStore {
  const memory = viewInMemory(parse(window.location.search, standard));
  if (isLegacy(new URLSearchParams(window.location.search)))
    window.history.replaceState(null, '', `./${serialize(memory.get(), standard)}`);
  let known = window.location.search;
  let timer = 0;
  let listeners = 0;
  const next = (): string => written(window.location.search, memory.get(), standard) || window.location.pathname;
  const flush = (): void => {
    if (timer === 0) return;
    window.clearTimeout(timer);
    timer = 0;
    window.history.replaceState(null, '', next());
    known = window.location.search;
  };
  const read = (): void => {
    window.clearTimeout(timer);
    timer = 0;
    known = window.location.search;
    memory.change(parse(window.location.search, standard));
  };
  const follow = (): (() => void) => {
    if (known !== window.location.search) read();
    window.addEventListener('popstate', read);
    const off = onLeave(flush);
    return () => {
      window.removeEventListener('popstate', read);
      window.clearTimeout(timer);
      off();
    };
  };
  let unfollow = (): void => undefined;
  return {
    get: memory.get,
    change: (part, kind = 'step') => {
      memory.change(part);
      window.clearTimeout(timer);
      timer = kind === 'adjust' ? window.setTimeout(flush, RESTS) : 0;
      if (kind === 'adjust' || next() === window.location.search) return;
      window.history.pushState(null, '', next());
      known = window.location.search;
    },
    subscribe: (listener) => {
      const off = memory.subscribe(listener);
      if (listeners++ === 0) unfollow = follow();
      return () => {
        off();
        if (--listeners === 0) unfollow();
      };
    },
  };
}
