/** A view that lives in the address of the page: Back and Forward undo and redo whole steps. */
import { href, onLeave } from '../../parts/address';
import { isLegacy } from './legacy';
import { viewInMemory, type ViewStore } from './store';
import { parse, serialize, written } from './url';
import { DEFAULT_VIEW } from './view';

/** Browsers limit how often the address may change: for a slider, the first and the final position are written. */
const RESTS = 200;

/** `standard`: the view of an address without parameters. Other parameters of the page stay in the address. */
export function viewInAddress(standard = DEFAULT_VIEW): ViewStore {
  const memory = viewInMemory(parse(window.location.search, standard));
  if (isLegacy(new URLSearchParams(window.location.search)))
    window.history.replaceState(null, '', `./${serialize(memory.get(), standard)}`);
  let known = window.location.search;
  let timer = 0;
  let listeners = 0;
  const next = (): string => written(window.location.search, memory.get(), standard) || href('metrics');
  const replace = (): void => {
    if (next() === window.location.search) return;
    window.history.replaceState(null, '', next());
    known = window.location.search;
  };
  const flush = (): void => {
    if (timer === 0) return;
    window.clearTimeout(timer);
    timer = 0;
    replace();
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
      if (kind === 'adjust' && timer === 0) replace();
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
