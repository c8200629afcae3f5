/** The hovered item, shared by charts, legend and table without re-rendering the page on every move. */
import { useSyncExternalStore } from 'react';

/** A series, or a group of series, which belongs to no single run. */
export interface Target {
  readonly key: string;
  readonly run?: { readonly id: string };
}

export class Highlight {
  target: Target | null = null;
  private readonly listeners = new Set<() => void>();

  get key(): string | null {
    return this.target?.key ?? null;
  }

  /** The id of the run that is hovered, or that of the hovered line. */
  get run(): string | null {
    return this.target?.run?.id ?? null;
  }

  set(target: Target | null): void {
    const same = target?.key === this.target?.key;
    this.target = target;
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

export function useHighlightedRun(highlight: Highlight, run: string): boolean {
  return useSyncExternalStore(highlight.subscribe, () => highlight.run === run);
}
