/** Synchronizes charts: the hovered x in one chart is marked in all, and shown in the tooltip and the table. */
import type { Hover, LineChart, ValueAt } from '../charts';
import type { Series } from '../data/result';
import type { Bundle } from './bundles';
import type { Highlight } from './highlight';

export interface Pointed {
  hover: Hover;
  /** Position in the window. */
  left: number;
  top: number;
}

export class ChartSync {
  pointed: Pointed | null = null;
  /** Every series and every group on the page, by its key. */
  byKey: ReadonlyMap<string, Series | Bundle> = new Map();
  readonly charts = new Map<LineChart, string>();
  /** The chart under the pointer. */
  chart: LineChart | null = null;
  private values: { x: number; byKey: ReadonlyMap<string, ValueAt> } | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly highlight: Highlight) {
    highlight.subscribe(() => this.focus());
  }

  /** `key` is the key of its group of lines. */
  add(chart: LineChart, key: string): () => void {
    this.charts.set(chart, key);
    return () => {
      this.charts.delete(chart);
      if (this.chart === chart) this.clear();
    };
  }

  point(source: LineChart, host: HTMLElement, hover: Hover | null): void {
    if (!hover && this.chart !== source) return;
    this.chart = hover && source;
    const box = host.getBoundingClientRect();
    this.pointed = hover && { hover, left: box.left + hover.px, top: box.top + hover.py };
    for (const chart of this.charts.keys()) if (chart !== source) chart.setCrosshair(hover ? hover.x : null);
    this.highlight.set((hover && this.byKey.get(hover.key)) ?? null);
    for (const listener of this.listeners) listener();
  }

  /** Nothing is hovered anymore: the charts moved under the pointer, or are gone. */
  clear(): void {
    if (!this.pointed) return;
    this.pointed = null;
    this.chart = null;
    for (const chart of this.charts.keys()) chart.setCrosshair(null);
    this.highlight.set(null);
    for (const listener of this.listeners) listener();
  }

  /** The hovered x, or null. */
  get x(): number | null {
    return this.pointed?.hover.x ?? null;
  }

  /** The value of a line at the pointer's x; undefined if the line does not reach it. */
  valueAt(key: string): ValueAt | undefined {
    const { x } = this;
    if (x === null) return undefined;
    if (this.values?.x !== x) {
      const all = [...this.charts.keys()].flatMap((chart) => chart.valuesAt(x));
      this.values = { x, byKey: new Map(all.map((value) => [value.key, value])) };
    }
    return this.values.byKey.get(key);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private focus(): void {
    const { target } = this.highlight;
    for (const chart of this.charts.keys()) chart.setFocus(target?.key ?? null, target?.run?.id ?? null);
  }
}
