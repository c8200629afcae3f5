/** Charts that point together: what is under the pointer in one is marked in all, and told to the tooltip. */
import type { Hover, LineChart } from '../charts';
import type { Series } from '../data/result';
import type { Highlight } from './highlight';

export interface Pointed {
  hover: Hover;
  /** Place in the window. */
  left: number;
  top: number;
}

export class ChartSync {
  pointed: Pointed | null = null;
  /** Every series on the page, by its key. */
  byKey: ReadonlyMap<string, Series> = new Map();
  private readonly charts = new Set<LineChart>();
  private source: LineChart | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly highlight: Highlight) {
    highlight.subscribe(() => this.focus());
  }

  add(chart: LineChart): () => void {
    this.charts.add(chart);
    return () => {
      this.charts.delete(chart);
      if (this.source === chart) this.clear();
    };
  }

  point(source: LineChart, host: HTMLElement, hover: Hover | null): void {
    if (!hover && this.source !== source) return;
    this.source = hover && source;
    const box = host.getBoundingClientRect();
    this.pointed = hover && { hover, left: box.left + hover.px, top: box.top + hover.py };
    for (const chart of this.charts) if (chart !== source) chart.setCrosshair(hover ? hover.x : null);
    this.highlight.set((hover && this.byKey.get(hover.key)) ?? null);
    for (const listener of this.listeners) listener();
  }

  /** Nothing is pointed at any more: the charts moved under the pointer, or are gone. */
  clear(): void {
    if (!this.pointed) return;
    this.pointed = null;
    this.source = null;
    for (const chart of this.charts) chart.setCrosshair(null);
    this.highlight.set(null);
    for (const listener of this.listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private focus(): void {
    for (const chart of this.charts) chart.setFocus(this.highlight.key, this.highlight.series?.run.id);
  }
}
