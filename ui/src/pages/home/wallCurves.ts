/**
 * The points of the charts in sight, several metrics a request, thinned for small charts. Requests of charts that are
 * out of sight are canceled, and the least recently seen charts are forgotten where there are too many.
 */
import { ApiError, problemOf } from '../../data/error';
import type { Result, Series } from '../../data/result';
import { search, type Search } from '../../data/search';
import { behind } from '../../data/searcher';
import type { DataSource } from '../../data/source';
import { metricWords, WITH_ARCHIVED } from '../../text/words';
import type { Problem } from '../../wire';

export interface WantedCurves {
  /** Ids. */
  readonly runs: readonly string[];
  readonly x: Search['x'];
  readonly smooth: number;
  /** A condition on the runs and series. */
  readonly where?: string;
  /** Points are thinned to this many columns of pixels; without it, for a small chart. */
  readonly columns?: number;
  /** Prefixes of the sources that the runs come from. */
  readonly sources: readonly string[];
}

interface ChartCurves {
  readonly series: readonly Series[];
  /** Ids of the runs whose points are up to date. */
  readonly has: Set<string>;
  readonly bytes: number;
}

interface Batch {
  readonly names: readonly string[];
  readonly runs: readonly string[];
  /** Runs with news since it was requested, which its answer may lack. */
  readonly changed: Set<string>;
  readonly abort: AbortController;
}

type Ask = (wanted: Search, signal: AbortSignal) => Promise<Result>;

/** Milliseconds to wait while scrolling. */
const REST = 30;
/** Milliseconds between two requests for news of runs that are recording. */
const PAUSE = 700;
const BATCHES = 3;
/** Each request reads tables of all runs, so the charts in sight share one where its address has room. */
const NAMES_AT_ONCE = 24;
/** Characters of an address that every proxy takes, without the axis and other short texts; of an id with its comma. */
const ADDRESS_LENGTH = 7800;
const ID_LENGTH = 33;
/** The most runs of a chart, unless more are added by hand. */
const IDS_AT_ONCE = 200;
const KEPT_BYTES = 48e6;
/** About what the object of a line takes besides its points. */
const LINE_BYTES = 1000;
/** Two points a pixel of a small chart; a chart of many lines shows their mass, not each bend. */
const columnsFor = (runs: number): number => (runs <= 50 ? 120 : 60);

const bytesOf = (series: readonly Series[]): number =>
  series.reduce(
    (sum, { x, y, smoothed }) => sum + LINE_BYTES + x.byteLength + y.byteLength + (smoothed?.byteLength ?? 0),
    0,
  );

const escapedLength = (text: string): number => encodeURIComponent(text).length;

export class WallCurves {
  /** Why nothing is loaded now. */
  problem: Problem | null = null;
  /** The lines of all charts by their key. */
  readonly byKey = new Map<string, Series>();
  private readonly charts = new Map<string, ChartCurves>();
  /** Why single charts could not be loaded, and those that are requested alone because a batch with them failed. */
  private readonly problems = new Map<string, Problem>();
  private readonly alone = new Set<string>();
  private wanted: WantedCurves = { runs: [], x: 'step', smooth: 0, sources: [] };
  private sight: readonly string[] = [];
  private batches: readonly Batch[] = [];
  private revision = '';
  private heardOf: string | null = null;
  /** Runs whose points are requested again after a pause. */
  private readonly news = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private newsTimer: ReturnType<typeof setTimeout> | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly ask: Ask;

  /** `most`: bytes of points that are kept. */
  constructor(
    source: DataSource,
    ask: Ask = (wanted, signal) => search(source, wanted, signal),
    private readonly most = KEPT_BYTES,
  ) {
    this.ask = ask;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The lines of a metric; undefined until they are loaded. */
  of(name: string): readonly Series[] | undefined {
    return this.charts.get(name)?.series;
  }

  problemOf(name: string): Problem | undefined {
    return this.problems.get(name);
  }

  want(wanted: WantedCurves): void {
    const before = this.wanted;
    if (JSON.stringify(before) === JSON.stringify(wanted)) return;
    this.wanted = wanted;
    this.excuse();
    this.cancel(() => true);
    if (before.x !== wanted.x) this.forget();
    else this.adopt(before.smooth === wanted.smooth);
    this.tell();
    this.plan(REST);
  }

  /** The metrics of the charts in sight, in the order of the page. */
  see(names: readonly string[]): void {
    this.sight = names;
    for (const name of names) {
      const chart = this.charts.get(name);
      if (!chart) continue;
      this.charts.delete(name);
      this.charts.set(name, chart);
    }
    this.cancel((batch) => !batch.names.some((name) => names.includes(name)));
    this.plan(REST);
  }

  /** These runs have news. */
  changed(runs: readonly string[]): void {
    const mine = runs.filter((run) => this.wanted.runs.includes(run));
    if (mine.length === 0) return;
    for (const { changed } of this.batches) for (const run of mine) changed.add(run);
    this.renewSoon(mine);
  }

  /** News begin after this revision; what is older may be out of date. */
  heard(revision: string): void {
    this.heardOf = revision;
    if (this.revision !== '' && behind(this.revision, revision)) this.changed(this.wanted.runs);
  }

  /** Loads again after a problem. */
  again(): void {
    this.excuse();
    this.tell();
    this.plan(0);
  }

  private excuse(): void {
    this.problem = null;
    this.problems.clear();
    this.alone.clear();
  }

  stop(): void {
    for (const timer of [this.timer, this.newsTimer]) if (timer !== null) clearTimeout(timer);
    this.timer = this.newsTimer = null;
    this.cancel(() => true);
  }

  /** Keeps the lines of runs that are still wanted, `fresh` or only until newer ones arrive. */
  private adopt(fresh: boolean): void {
    const runs = new Set(this.wanted.runs);
    for (const [name, { series, has }] of this.charts) {
      const kept = series.filter(({ run }) => runs.has(run.id));
      this.keep(
        name,
        kept.length === series.length ? series : kept,
        fresh ? [...has].filter((run) => runs.has(run)) : [],
      );
    }
  }

  private forget(): void {
    this.charts.clear();
    this.byKey.clear();
  }

  private keep(name: string, series: readonly Series[], has: Iterable<string>): void {
    for (const { key } of this.charts.get(name)?.series ?? []) this.byKey.delete(key);
    for (const item of series) this.byKey.set(item.key, item);
    this.charts.set(name, { series, has: new Set(has), bytes: bytesOf(series) });
  }

  private cancel(which: (batch: Batch) => boolean): void {
    for (const batch of this.batches) if (which(batch)) batch.abort.abort();
    this.batches = this.batches.filter(({ abort }) => !abort.signal.aborted);
  }

  /** Requests these runs again, at most once a pause; charts that come into sight do not wait for it. */
  private renewSoon(runs: readonly string[]): void {
    for (const run of runs) this.news.add(run);
    this.newsTimer ??= setTimeout(() => {
      this.newsTimer = null;
      for (const { has } of this.charts.values()) for (const run of this.news) has.delete(run);
      this.news.clear();
      this.plan(0);
    }, PAUSE);
  }

  private plan(pause: number): void {
    if (this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      while (this.problem === null && this.batches.length < BATCHES && this.load());
    }, pause);
  }

  /** The runs of a chart that are neither here nor requested. */
  private missing(name: string): readonly string[] {
    if (this.problems.has(name)) return [];
    const known = new Set(this.charts.get(name)?.has);
    for (const { names, runs } of this.batches) if (names.includes(name)) for (const run of runs) known.add(run);
    return known.size > 0 ? this.wanted.runs.filter((run) => !known.has(run)) : this.wanted.runs;
  }

  /** The next charts that lack the same runs; false if there are none. */
  private load(): boolean {
    const due = this.sight.filter((name) => this.missing(name).length > 0);
    const [first] = due;
    if (first === undefined) return false;
    const missing = this.missing(first);
    const same = due.filter((name) => !this.alone.has(name) && this.missing(name).join() === missing.join());
    const runs = missing.slice(0, IDS_AT_ONCE);
    const names = this.alone.has(first) ? [first] : this.fitting(same.slice(0, NAMES_AT_ONCE), runs.length);
    const q = this.statement(names);
    const batch = { names, runs, changed: new Set<string>(), abort: new AbortController() };
    this.batches = [...this.batches, batch];
    void this.receive(batch, q);
    return true;
  }

  /** The first names, as many as fit into an address with so many ids. */
  private fitting(names: readonly string[], ids: number): readonly string[] {
    let room = ADDRESS_LENGTH - ids * ID_LENGTH - escapedLength(this.statement([]));
    return names.filter((name, at) => {
      room -= escapedLength(`${metricWords(name, this.wanted.sources)}, `);
      return room >= 0 || at === 0;
    });
  }

  private statement(names: readonly string[]): string {
    const { where, sources } = this.wanted;
    const condition = where ? `${WITH_ARCHIVED} and (${where})` : WITH_ARCHIVED;
    return `${names.map((name) => metricWords(name, sources)).join(', ')} if ${condition}`;
  }

  private async receive(batch: Batch, q: string): Promise<void> {
    const { names, runs, abort } = batch;
    const { x, smooth, columns = columnsFor(this.wanted.runs.length) } = this.wanted;
    const thinned = { columns, only: runs, params: false } as const;
    const asked = this.ask({ q, x, ...thinned, ...(smooth > 0 && { smooth }) }, abort.signal);
    const done = (): boolean => {
      this.batches = this.batches.filter((other) => other !== batch);
      return !abort.signal.aborted;
    };
    await asked.then(
      (answer) => done() && this.put(batch, answer),
      (error: unknown) => done() && this.failed(names, error),
    );
    if (abort.signal.aborted) return;
    this.tell();
    this.plan(0);
  }

  /** One chart that the server refuses does not take the others with it. */
  private failed(names: readonly string[], error: unknown): void {
    const [only, ...others] = names;
    if (error instanceof ApiError && (error.gone || error.unable)) this.problem = problemOf(error);
    else if (others.length > 0) for (const name of names) this.alone.add(name);
    else if (only !== undefined) this.problems.set(only, problemOf(error));
  }

  private put({ names, runs, changed }: Batch, { items, revision }: Result): void {
    const asked = new Set(runs);
    const rank = new Map(this.wanted.runs.map((run, at) => [run, at]));
    const order = (a: Series, b: Series): number => (rank.get(a.run.id) ?? 0) - (rank.get(b.run.id) ?? 0);
    for (const name of names) {
      const before = this.charts.get(name);
      const others = before?.series.filter(({ run }) => !asked.has(run.id)) ?? [];
      const mine = items.filter((item) => item.name === name);
      this.charts.delete(name);
      this.keep(name, [...others, ...mine].sort(order), [...(before?.has ?? []), ...runs]);
    }
    this.revision = revision;
    const old = this.heardOf !== null && behind(revision, this.heardOf);
    const again = runs.filter((run) => old || changed.has(run));
    if (again.length > 0) this.renewSoon(again);
    this.shrink();
  }

  private shrink(): void {
    let bytes = [...this.charts.values()].reduce((sum, chart) => sum + chart.bytes, 0);
    for (const [name, chart] of this.charts) {
      if (bytes <= this.most) return;
      if (this.sight.includes(name)) continue;
      for (const { key } of chart.series) this.byKey.delete(key);
      this.charts.delete(name);
      bytes -= chart.bytes;
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
