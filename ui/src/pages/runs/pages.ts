/** The rows of the table of runs as they come into sight: the server orders and searches them, and sends a part at a time. */
import { address } from '../../data/api';
import { problemOf } from '../../data/error';
import type { Decoded } from '../../data/frames';
import { itemOfRun, type Item, type Result, type Run } from '../../data/result';
import { receive, type Builder } from '../../data/search';
import type { Question } from '../../data/searcher';
import type { DataSource } from '../../data/source';
import type { Row } from '../../explorer/rows';
import type { RowSource, Sight } from '../../explorer/rowSource';
import type { SortKey } from '../../explorer/view/view';
import type { PageFrame, Problem } from '../../wire';
import { besideColumnId, measuredOf } from './columnIds';
import { columnSetOf, numbersOf, orderOf, type ColumnSet } from './keys';
import type { Measured, Recorded } from './measured';
import { besideKey, readReducers, type Beside, type Value } from './reducers';
import { TableBuilder, valueIn, type Place, type RunTable } from './runTable';
import { askBeside, type AtBest, type Besides } from './useBesides';

/** What is asked of the server; `reducers` as the address has them. */
export interface Wanted {
  readonly q: string;
  readonly sort: readonly SortKey[];
  readonly find: string;
  readonly reducers: string;
}

/** So many rows are asked for at once at least: about what a screen shows. */
const ROWS = 64;
const ROWS_OF_FILE = 1000;
const IDS_AT_ONCE = 120;
const RUNS_AT_ONCE = 20_000;
/** Where runs have more metrics, only those in sight are loaded. */
const FEW = 60;
/** A moment of rest while scrolling. */
const REST = 40;
const PAUSE = 800;

interface Part {
  readonly head: PageFrame;
  readonly table: RunTable;
}

class PartBuilder implements Builder<Part> {
  private head: PageFrame | null = null;
  private readonly runs = new TableBuilder();

  get progress(): number {
    return this.runs.progress;
  }

  get done(): boolean {
    return this.runs.done;
  }

  add(decoded: Decoded): void {
    if (decoded.frame.kind === 'page') this.head = decoded.frame;
    else this.runs.add(decoded);
  }

  snapshot(): Part {
    if (!this.head) throw new Error('The answer of the server has no page. Reload this page.');
    return { head: this.head, table: this.runs.snapshot() };
  }
}

interface Asked {
  readonly offset: number;
  readonly limit: number;
  readonly near?: string;
  readonly before?: number;
  readonly metrics?: readonly string[];
  readonly columns?: boolean;
  readonly params?: boolean;
}

const NO_COLUMNS: ColumnSet = { paths: new Map(), measured: [], series: 0, described: false };

async function askPart(
  source: DataSource,
  wanted: Wanted,
  columns: ColumnSet,
  { metrics = [], ...asked }: Asked,
  signal: AbortSignal,
): Promise<Part> {
  const query = {
    q: wanted.q,
    order: JSON.stringify(orderOf(wanted.sort, columns)),
    metrics: JSON.stringify(metrics),
    ...(wanted.find.trim() && {
      find: wanted.find,
      numbers: JSON.stringify(numbersOf(readReducers(new URLSearchParams(wanted.reducers)), columns)),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }),
    ...asked,
  };
  const texts = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const builder = new PartBuilder();
  await receive(source, address('page', Object.fromEntries(texts) as Record<string, string>), signal, builder);
  return builder.snapshot();
}

interface Loaded {
  readonly row: Row<Item>;
  /** The metrics and at-best columns that were loaded with it; null while all of it is out of date. */
  readonly has: ReadonlySet<string> | null;
}

const namesOf = (measured: readonly Measured[]): string[] => [...new Set(measured.map(({ name }) => name))];

const rowOf = (item: Item): Row<Item> => ({ key: item.key, members: [item], bundle: null, inside: false, open: false });

export class RunPages implements RowSource<Item>, Recorded {
  readonly count: number;
  readonly matched: number;
  readonly described: boolean;
  readonly measured: readonly Measured[];
  readonly grouped = false;
  /** The params of all runs, and the runs of the part that came first. */
  readonly result: Pick<Result<Item>, 'paths' | 'items'>;
  readonly about: Pick<Result<Item>, 'statement' | 'notes' | 'revision' | 'seconds'>;
  problem: Problem | null = null;
  sight: Sight | null = null;
  /** Grows whenever something arrived. */
  version = 0;
  besides: Besides = new Map();
  private readonly token = {};
  private moved: { from: object; rows: number } | null = null;
  private readonly rows = new Map<number, Loaded>();
  private readonly runsById = new Map<string, Run>();
  private readonly places = new Map<string, readonly Place[]>();
  private readonly listeners = new Set<() => void>();
  private abort = new AbortController();
  private timer = 0;
  private busy = false;

  constructor(
    private readonly source: DataSource,
    readonly wanted: Wanted,
    readonly columns: ColumnSet,
    part: Part,
    metrics: readonly string[],
  ) {
    const { head, table } = part;
    this.count = head.listed;
    this.matched = head.matched;
    this.described = columns.described;
    this.measured = columns.measured;
    this.result = { paths: [...columns.paths.keys()].sort(), items: table.result.items };
    this.about = table.result;
    this.put(part, metrics);
  }

  get total(): number {
    return this.count;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly valueAt = (run: string, id: string, value: Value): number | undefined =>
    valueIn(this.places.get(run) ?? [], id, value);

  readonly runAs = (run: Run): Run => this.runsById.get(run.id) ?? run;

  row(at: number): Row<Item> | null {
    return this.rows.get(at)?.row ?? null;
  }

  placeOf(key: string): number {
    for (const [at, { row }] of this.rows) if (row.key === key) return at;
    return -1;
  }

  chosen(selected: ReadonlySet<string>): number {
    const all = [...this.rows.values()].every(({ row }) => selected.has(row.key));
    return Math.min(selected.size, all ? this.count : this.count - 1);
  }

  runs(first: number, end: number): readonly Run[] | Promise<readonly Run[]> {
    const there = Array.from({ length: end - first }, (_, at) => this.rows.get(first + at)?.row.members[0].run ?? null);
    return there.every((run) => run !== null) ? there : this.askRuns(first, end);
  }

  movedFrom(before: RowSource<Item>): number {
    return before instanceof RunPages && this.moved?.from === before.token ? this.moved.rows : 0;
  }

  see(sight: Sight): void {
    const before = this.sight?.columns.join('\n');
    this.sight = sight;
    if (before !== sight.columns.join('\n')) this.tell();
    this.plan();
  }

  /** After a problem. */
  again(): void {
    this.problem = null;
    this.tell();
    this.plan();
  }

  /** Nothing more is loaded until rows are wanted again. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.abort.abort();
  }

  /** The same with every row and these columns. */
  async whole(columns: readonly string[]): Promise<RunPages> {
    const needs = this.needsOf(columns);
    const signal = new AbortController().signal;
    const ask = (offset: number): Promise<Part> => {
      const asked = { offset, limit: ROWS_OF_FILE, metrics: needs.metrics };
      return askPart(this.source, this.wanted, this.columns, asked, signal);
    };
    const all = new RunPages(this.source, this.wanted, this.columns, await ask(0), needs.metrics);
    while (all.rows.size < all.count) {
      const before = all.rows.size;
      all.put(await ask(before), needs.metrics);
      if (all.rows.size === before) break;
    }
    for (const beside of needs.besides) await all.addBeside(beside);
    return all;
  }

  /** Takes the place of an answer to the same question: what was loaded there stays until it is loaded again. */
  follow(before: RunPages, near: number, top: number): void {
    const rows = near < 0 ? 0 : near - top;
    this.moved = { from: before.token, rows };
    this.besides = before.besides;
    if (before.sight) this.sight = shifted(before.sight, rows);
    for (const [at, { row }] of before.rows) {
      const [{ run }] = row.members;
      const place = at + rows;
      if (place < 0 || place >= this.count || this.rows.has(place) || this.runsById.has(run.id)) continue;
      this.rows.set(place, { row, has: null });
      this.places.set(run.id, before.places.get(run.id) ?? []);
    }
  }

  private tell(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  /** The metrics by name, and the at-best columns, that columns show. */
  needsOf(columns: readonly string[]): { metrics: string[]; besides: Beside[] } {
    const byId = new Map(this.measured.map((one) => [one.id, one.name]));
    const few = this.measured.length <= FEW;
    const names = few
      ? namesOf(this.measured)
      : columns.flatMap((id) => byId.get(measuredOf({ id })?.metric ?? '') ?? []);
    const { besides } = readReducers(new URLSearchParams(this.wanted.reducers));
    return {
      metrics: [...new Set(names)],
      besides: besides.filter((one) => columns.includes(besideColumnId(one))),
    };
  }

  private plan(): void {
    if (this.timer || this.busy || this.problem || !this.gap()) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      void this.load();
    }, REST);
  }

  /** The rows in sight that lack something, and what is loaded for them. */
  private gap(): { first: number; end: number; metrics: string[]; besides: Beside[] } | null {
    if (!this.sight) return null;
    const { first, end, columns } = this.sight;
    const needs = this.needsOf(columns);
    const wanted = [...needs.metrics, ...needs.besides.map(besideKey)];
    const lacking: number[] = [];
    for (let at = first; at < Math.min(end, this.count); at++) {
      const has = this.rows.get(at)?.has;
      if (!has || !wanted.every((one) => has.has(one))) lacking.push(at);
    }
    const [from] = lacking;
    if (from === undefined) return null;
    return { first: from, end: Math.max(from + ROWS, (lacking[lacking.length - 1] ?? from) + 1), ...needs };
  }

  private async load(): Promise<void> {
    const gap = this.gap();
    if (!gap) return;
    if (this.abort.signal.aborted) this.abort = new AbortController();
    const { signal } = this.abort;
    this.busy = true;
    try {
      const { first: offset, end, metrics, besides } = gap;
      const asked = { offset, limit: end - offset, metrics };
      const part = await askPart(this.source, this.wanted, this.columns, asked, signal);
      const ids = part.table.result.runs.map(({ id }) => id);
      for (const beside of besides) await this.addBeside(beside, ids);
      this.put(part, [...metrics, ...besides.map(besideKey)]);
    } catch (error) {
      if (!signal.aborted) this.problem = problemOf(error);
    }
    this.busy = false;
    this.tell();
    this.plan();
  }

  private put({ head, table }: Part, has: readonly string[]): void {
    const names = new Set(has);
    table.result.runs.forEach((run, at) => {
      const place = head.start + at;
      const old = this.rows.get(place);
      const more = old?.has && old.row.key === run.id;
      this.rows.set(place, { row: rowOf(itemOfRun(run)), has: more ? new Set([...(old.has ?? []), ...names]) : names });
      this.runsById.set(run.id, run);
      const fresh = table.places.get(run.id);
      this.places.set(run.id, [...(fresh ? [fresh] : []), ...(more ? (this.places.get(run.id) ?? []) : [])]);
    });
  }

  private async addBeside(beside: Beside, only?: readonly string[]): Promise<void> {
    const [shown, by] = [beside.metric, beside.by].map((id) => this.measured.find((one) => one.id === id));
    if (!shown || !by) return;
    const key = besideKey(beside);
    const parts: (readonly string[] | undefined)[] = only ? [] : [undefined];
    for (let at = 0; only && at < only.length; at += IDS_AT_ONCE) parts.push(only.slice(at, at + IDS_AT_ONCE));
    for (const part of parts) {
      const fresh = await askBeside(this.source, this.wanted.q, shown, by, beside.side, part);
      const kept = [...(this.besides.get(key) ?? new Map<string, AtBest>())].filter(([run]) => !part?.includes(run));
      this.besides = new Map([...this.besides, [key, new Map([...kept, ...fresh])]]);
    }
  }

  private async askRuns(first: number, end: number): Promise<readonly Run[]> {
    const runs: Run[] = [];
    while (first + runs.length < end) {
      const limit = Math.min(RUNS_AT_ONCE, end - first - runs.length);
      const asked = { offset: first + runs.length, limit, params: false };
      const { table } = await askPart(this.source, this.wanted, this.columns, asked, new AbortController().signal);
      if (table.result.runs.length === 0) break;
      runs.push(...table.result.runs.map(this.runAs));
    }
    return runs;
  }
}

const shifted = ({ first, top, end, columns }: Sight, rows: number): Sight => ({
  first: Math.max(0, first + rows),
  top: Math.max(0, top + rows),
  end: end + rows,
  columns,
});

async function columnsOf(source: DataSource, q: string, signal: AbortSignal): Promise<ColumnSet> {
  const wanted = { q, sort: [], find: '', reducers: '' };
  const { head } = await askPart(source, wanted, NO_COLUMNS, { offset: 0, limit: 1, columns: true }, signal);
  return columnSetOf(head);
}

/** The first rows of an order, with as many metrics as can be in sight at first. */
async function beginning(
  source: DataSource,
  wanted: Wanted,
  columns: ColumnSet,
  signal: AbortSignal,
): Promise<RunPages> {
  const metrics = namesOf(columns.measured.slice(0, FEW));
  const part = await askPart(source, wanted, columns, { offset: 0, limit: ROWS, metrics }, signal);
  return new RunPages(source, wanted, columns, part, metrics);
}

/** The rows that were in sight, as they are now: near the one that stood first, unless that was the first of all. */
async function renewed(source: DataSource, signal: AbortSignal, old: RunPages): Promise<RunPages> {
  const { wanted, columns, sight } = old;
  const [first, top] = [sight?.first ?? 0, sight?.top ?? 0];
  const limit = Math.max(ROWS, (sight?.end ?? 0) - first);
  const near = top > 0 ? old.row(top)?.key : undefined;
  const needs = old.needsOf(sight?.columns ?? []);
  const before = near === undefined ? undefined : top - first;
  const asked = { offset: first, limit, near, before, metrics: needs.metrics, columns: true };
  const part = await askPart(source, wanted, columns, asked, signal);
  const fresh = new RunPages(source, wanted, columnSetOf(part.head), part, needs.metrics);
  fresh.follow(old, part.head.near, top);
  return fresh;
}

const same = (a: Wanted, b: Wanted): boolean => JSON.stringify(a) === JSON.stringify(b);

export const PAGES: Question<Wanted, RunPages> = {
  ask: async (source, wanted, signal, _, before) => {
    if (before && same(before.wanted, wanted)) return renewed(source, signal, before);
    const known = before?.wanted.q === wanted.q ? before.columns : null;
    return beginning(source, wanted, known ?? (await columnsOf(source, wanted.q, signal)), signal);
  },
  renew: (source, _, signal, old) => renewed(source, signal, old),
  revision: ({ about }) => about.revision,
  found: ({ matched }) => matched > 0,
  pause: PAUSE,
};
