/**
 * The points of a dashboard's charts. Charts that ask for the same axis, smoothing and condition share their requests;
 * only those in sight ask.
 */
import { X_AXES, type XAxis } from '../../data/axis';
import type { Series } from '../../data/result';
import type { DataSource } from '../../data/source';
import type { Highlight } from '../../explorer/highlight';
import { ChartSync } from '../../explorer/sync';
import type { DashboardChart } from '../../wire';
import { WallCurves } from '../home/wallCurves';
import { metricsOf } from './board';

interface ShownSeries {
  /** Ids. */
  readonly runs: readonly string[];
  readonly sources: readonly string[];
}

/** Bytes of points that each kind of question keeps. */
const KEPT = 24e6;
/** Kinds of questions whose points are kept, while charts in sight do not ask for more. */
const MOST_QUESTIONS = 8;
const COLUMNS = 300;
const COLUMNS_OF_MANY = 120;
const MANY_RUNS = 50;

export const xAxisOf = (x: string): XAxis =>
  X_AXES.find(({ value }) => value === x)?.value ?? (x.startsWith('metric:') ? (x as XAxis) : 'step');

type CurveQuestion = Pick<DashboardChart, 'kind' | 'x' | 'smoothing' | 'where'>;

/** Bars, numbers and axes need no points, only what is known of each series. */
const isLine = ({ kind }: CurveQuestion): boolean => kind === 'line';

function questionOf(chart: CurveQuestion): { x: XAxis; smooth: number; where: string } {
  const [x, smooth] = isLine(chart) ? [xAxisOf(chart.x), chart.smoothing] : (['step', 0] as const);
  return { x, smooth, where: chart.where.trim() };
}

export class BoardCurves {
  private readonly all = new Map<string, WallCurves>();
  /** The pointer, shared by the charts with one x axis. */
  private readonly syncs = new Map<XAxis, ChartSync>();
  /** The charts in sight, by their key. */
  private readonly seen = new Map<string, DashboardChart>();
  private shown: ShownSeries = { runs: [], sources: [] };
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly source: DataSource,
    private readonly highlight: Highlight,
  ) {}

  of(chart: CurveQuestion): WallCurves {
    const question = questionOf(chart);
    const key = JSON.stringify(question);
    const known = this.all.get(key);
    if (known) return known;
    const made = new WallCurves(this.source, undefined, KEPT);
    this.all.set(key, made);
    this.shrink(made);
    made.subscribe(() => this.tellSync(question.x));
    this.ask(made, key);
    return made;
  }

  /** Those of all lines in sight, for `subscribe`. */
  axes: readonly XAxis[] = [];

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  syncOf(x: XAxis): ChartSync {
    const known = this.syncs.get(x);
    if (known) return known;
    const made = new ChartSync(this.highlight);
    this.syncs.set(x, made);
    return made;
  }

  /** Nothing is hovered anymore. */
  clear(): void {
    for (const sync of this.syncs.values()) sync.clear();
  }

  /** A series of a chart with this x axis. */
  seriesOf(x: XAxis, key: string): Series | undefined {
    for (const [question, curves] of this.all) {
      const series = (JSON.parse(question) as { x: XAxis }).x === x ? curves.byKey.get(key) : undefined;
      if (series) return series;
    }
    return undefined;
  }

  chartOf(key: string): DashboardChart | undefined {
    return this.seen.get(key);
  }

  want(shown: ShownSeries): void {
    this.shown = shown;
    for (const [key, curves] of this.all) this.ask(curves, key);
  }

  /** `null`: no longer in sight. */
  see(key: string, chart: DashboardChart | null): void {
    const before = this.seen.get(key);
    if (chart) this.seen.set(key, chart);
    else this.seen.delete(key);
    for (const one of [before, chart]) if (one) this.look(one);
    const axes = [...new Set([...this.seen.values()].filter(isLine).map(({ x }) => xAxisOf(x)))];
    if (axes.join() === this.axes.join()) return;
    this.axes = axes;
    for (const listener of this.listeners) listener();
  }

  changed(runs: readonly string[]): void {
    for (const curves of this.all.values()) curves.changed(runs);
  }

  heard(revision: string): void {
    for (const curves of this.all.values()) curves.heard(revision);
  }

  again(): void {
    for (const curves of this.all.values()) curves.again();
  }

  stop(): void {
    for (const curves of this.all.values()) curves.stop();
  }

  /** Forgets what charts out of sight asked for, and what was tried on the way to a smoothing. */
  private shrink(made: WallCurves): void {
    const used = new Set([...this.seen.values()].map((chart) => JSON.stringify(questionOf(chart))));
    for (const [key, curves] of this.all) {
      if (this.all.size <= MOST_QUESTIONS) return;
      if (curves === made || used.has(key)) continue;
      curves.stop();
      this.all.delete(key);
    }
  }

  private ask(curves: WallCurves, key: string): void {
    const { runs, sources } = this.shown;
    const columns = runs.length <= MANY_RUNS ? COLUMNS : COLUMNS_OF_MANY;
    curves.want({ ...(JSON.parse(key) as ReturnType<typeof questionOf>), runs, sources, columns });
  }

  private look(chart: DashboardChart): void {
    const curves = this.of(chart);
    const mine = [...this.seen.values()].filter((other) => this.of(other) === curves);
    curves.see([...new Set(mine.flatMap(metricsOf))]);
  }

  private tellSync(x: XAxis): void {
    const alike = [...this.all].filter(([key]) => (JSON.parse(key) as { x: XAxis }).x === x);
    this.syncOf(x).byKey = new Map(alike.flatMap(([, curves]) => [...curves.byKey]));
  }
}
