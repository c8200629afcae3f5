/** A view that lives in the address of the page: Back and Forward undo and redo whole steps. */
import { apiOf } from '../../data/api';
import { serverSource } from '../../data/source';
import { href, onLeave } from '../../parts/address';
import { isLegacy } from './legacy';
import { LongLists } from './lists';
import { viewInMemory, type ViewStore } from './store';
import { parse, serialize, written } from './url';
import { DEFAULT_VIEW } from './view';

/** Browsers limit how often the address may change: for a slider, the first and the final position are written. */
const RESTS = 200;
/** Milliseconds without a change before long lists are stored. */
const SETTLED = 500;

const { ask, write } = apiOf(serverSource);
const lists = new LongLists({ save: write.view, load: ask.view });

/** `standard`: the view of an address without parameters. Other parameters of the page stay in the address. */
export function viewInAddress(standard = DEFAULT_VIEW): ViewStore {
  const parsed = lists.whole(window.location.search);
  const memory = viewInMemory(parse(parsed.search, standard));
  if (isLegacy(new URLSearchParams(window.location.search)))
    window.history.replaceState(null, '', `./${serialize(memory.get(), standard)}`);
  let known = window.location.search;
  let timer = 0;
  let storing = 0;
  let listeners = 0;
  let lost = false;
  const next = (): string => lists.short(written(window.location.search, memory.get(), standard)) || href('metrics');
  const store = (): void => {
    window.clearTimeout(storing);
    storing = window.setTimeout(
      () => void lists.keep(window.location.search).then((kept) => kept && replace()),
      SETTLED,
    );
  };
  const replace = (): void => {
    if (next() === window.location.search) return;
    window.history.replaceState(null, '', next());
    known = window.location.search;
    store();
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
    const { search, missing } = lists.whole(known);
    lost = false;
    memory.change(parse(search, standard));
    if (missing !== null) void fetch(missing);
  };
  const fetch = async (id: string): Promise<void> => {
    const found = await lists.fetch(id);
    if (listeners === 0 || new URLSearchParams(window.location.search).get('kept') !== id) return;
    if (found) return read();
    lost = true;
    memory.change({});
  };
  const follow = (): (() => void) => {
    if (known !== window.location.search) read();
    else if (parsed.missing !== null) void fetch(parsed.missing);
    window.addEventListener('popstate', read);
    const off = onLeave(flush);
    return () => {
      window.removeEventListener('popstate', read);
      window.clearTimeout(timer);
      window.clearTimeout(storing);
      off();
    };
  };
  let unfollow = (): void => undefined;
  return {
    get: memory.get,
    lost: () => lost,
    change: (part, kind = 'step') => {
      memory.change(part);
      if (kind === 'adjust' && timer === 0) replace();
      window.clearTimeout(timer);
      timer = kind === 'adjust' ? window.setTimeout(flush, RESTS) : 0;
      if (kind === 'adjust' || next() === window.location.search) return;
      window.history.pushState(null, '', next());
      known = window.location.search;
      store();
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
