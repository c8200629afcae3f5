/** What the pointer is on, shared by charts, legend and table without re-rendering the page on every move. */
import { useSyncExternalStore } from 'react';
import type { Series } from '../data/result';

export class Highlight {
  series: Series | null = null;
  private readonly listeners = new Set<() => void>();

  get key(): string | null {
    return this.series?.key ?? null;
  }

  set(series: Series | null): void {
    const same = series?.key === this.series?.key;
    this.series = series;
    if (!same) for (const listener of this.listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

export function useHighlighted(highlight: Highlight, key: string): boolean {
  return useSyncExternalStore(highlight.subscribe, () => highlight.key === key);
}
