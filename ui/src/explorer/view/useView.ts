/** The view as React state whose truth is the address bar: Back and Forward undo and redo whole steps. */
import { useCallback, useSyncExternalStore } from 'react';
import { isLegacy } from './legacy';
import { parse, serialize } from './url';
import type { View } from './view';

let current = parse(window.location.search);
if (isLegacy(new URLSearchParams(window.location.search)))
  window.history.replaceState(null, '', `./${serialize(current)}`);

const listeners = new Set<() => void>();
let replaceTimer = 0;

function notify(): void {
  for (const listener of listeners) listener();
}

window.addEventListener('popstate', () => {
  window.clearTimeout(replaceTimer);
  current = parse(window.location.search);
  notify();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Browsers limit how often the address may change, so a slider's positions are written once it rests. */
function replaceSoon(): void {
  window.clearTimeout(replaceTimer);
  replaceTimer = window.setTimeout(() => {
    replaceTimer = 0;
    window.history.replaceState(null, '', serialize(current) || window.location.pathname);
  }, 200);
}

function push(): void {
  window.clearTimeout(replaceTimer);
  const next = serialize(current);
  if (next !== window.location.search) window.history.pushState(null, '', next || window.location.pathname);
}

/** `step`: worth a Back; `adjust`: a movement such as dragging a slider, which is not. */
export type Change = (change: Partial<View>, kind?: 'step' | 'adjust') => void;

export function useView(): [View, Change] {
  const view = useSyncExternalStore(subscribe, () => current);
  const change = useCallback<Change>((part, kind = 'step') => {
    current = { ...current, ...part };
    if (kind === 'step') push();
    else replaceSoon();
    notify();
  }, []);
  return [view, change];
}
