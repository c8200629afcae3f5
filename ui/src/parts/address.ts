/**
 * The page in the address bar. The page is a search parameter, so every address is `./?page=...`: it works under any
 * proxy prefix, with and without rewriting. An address without parameters is the home page; one that has some, and no
 * `page`, is the metrics explorer, as in links to queries.
 */
import { useSyncExternalStore } from 'react';
import { recall, remember } from './memory';

const HOME = 'home';
const EXPLORER = 'metrics';
export type Address = Readonly<Record<string, string | readonly string[] | null | undefined>>;

export function pageOf(search: string): string {
  const given = new URLSearchParams(search);
  return given.get('page') ?? (given.size === 0 ? HOME : EXPLORER);
}

/** A relative address: `href('run', { run: id, tab: 'notes' })`. */
export function href(page: string, rest: Address = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) {
    for (const part of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, part);
  }
  const understood = page === (search.size === 0 ? HOME : EXPLORER);
  const text = understood ? search.toString() : new URLSearchParams([['page', page], ...search]).toString();
  return text ? `?${text}` : window.location.pathname;
}

const LAST = 'pages';

/** The last address of a page: its link leads there again. */
export function lastAddress(page: string): string {
  const kept = recall<Record<string, unknown>>(LAST, {})[page];
  return typeof kept === 'string' && kept.startsWith('?') && pageOf(kept) === page ? kept : href(page);
}

const leaving = new Set<() => void>();

/** Called before the address changes or is read for a change: pending changes are written now. */
export function onLeave(listener: () => void): () => void {
  leaving.add(listener);
  return () => leaving.delete(listener);
}

function leave(): void {
  for (const listener of leaving) listener();
  const { search } = window.location;
  remember(LAST, { ...recall<Record<string, unknown>>(LAST, {}), [pageOf(search)]: search });
}
window.addEventListener('pagehide', leave);

/** Everything that reads the address is notified as for Back and Forward. */
const tell = (): boolean => window.dispatchEvent(new PopStateEvent('popstate'));

export function navigate(to: string, { replace = false } = {}): void {
  leave();
  if (replace) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  tell();
}

/** Change some parameters of this page's address, and keep the others; null removes one. */
export function adjust(change: Address, { replace = false } = {}): void {
  leave();
  const search = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(change)) {
    search.delete(name);
    for (const text of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, text);
  }
  navigate(`?${search.toString()}`, { replace });
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  return () => window.removeEventListener('popstate', listener);
}

export const useSearch = (): string => useSyncExternalStore(subscribe, () => window.location.search);
export const useAddress = (): URLSearchParams => new URLSearchParams(useSearch());
