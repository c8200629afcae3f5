/** The rows of the table of runs. The server sorts and searches them, and sends the visible ones. */
import { problemOf } from '../../data/error';
import { itemOfRun, type Item, type Result, type Run } from '../../data/result';
import { IDS_AT_ONCE, type Question } from '../../data/searcher';
import type { DataSource } from '../../data/source';
import type { RunTraits } from '../../explorer/columns';
import { labelsBy, type RunNames } from '../../explorer/names';
import type { Row } from '../../explorer/rows';
import type { RowSource, Sight } from '../../explorer/rowSource';
import { inParts } from '../../text/lists';
import type { Problem } from '../../wire';
import { askGroups, askPart, NO_COLUMNS, type GroupCell, type GroupPart, type Part, type TableQuestion } from './ask';
import { besideColumnId, measuredOf } from './columnIds';
import { columnSetOf, keyOf, type ColumnSet } from './keys';
import type { Measured, Recorded } from './measured';
import type { Outline } from './outline';
import { besideKey, readReducers, type Beside, type RecordedValue } from './reducers';
import { valueIn, type Place } from './runTable';
import { askBeside, type AtBest, type Besides } from './useBesides';
import { compareNames } from '../../text/order';

/** The minimum number of rows per request: about one screen. */
const ROWS = 64;
/** So many rows below those in sight are renewed with them: runs that begin push rows down. */
const MARGIN = 8;
const ROWS_OF_FILE = 1000;
const RUNS_AT_ONCE = 20_000;
/** With more metrics, only the visible ones are loaded. */
const FEW = 60;
/** Milliseconds to wait while scrolling. */
const REST = 40;
const PAUSE = 800;

interface LoadedPage {
  readonly row: Row<Item>;
  /** The metrics and at-best columns loaded with it; null if the row is out of date. */
  readonly has: ReadonlySet<string> | null;
}

/** A group with its cells; cells of an earlier answer stay until they are loaded again. */
interface LoadedGroup extends GroupPart {
  readonly fresh: boolean;
}

/** The positions of the visible runs and groups, and the visible columns. */
interface Interest {
  readonly runs: readonly number[];
  readonly groups: readonly number[];
  readonly columns: readonly string[];
}

const NO_INTEREST: Interest = { runs: [], groups: [], columns: [] };

const namesOf = (measured: readonly Measured[]): string[] => [...new Set(measured.map(({ name }) => name))];

const rowOf = (item: Item): Row<Item> => ({ key: item.key, members: [item], bundle: null, inside: false, open: false });

interface Needs {
  readonly metrics: readonly string[];
  readonly besides: readonly Beside[];
}

interface Span {
  readonly first: number;
  readonly end: number;
}

interface Gap extends Needs {
  readonly runs: Span | null;
  readonly groups: Span | null;
  readonly cells: readonly string[];
}

/** The number of names that fit into an address. */
const NAMES_AT_ONCE = 150;

const partsOf = (names: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(names.length / NAMES_AT_ONCE) }, (_, at) =>
    names.slice(at * NAMES_AT_ONCE, (at + 1) * NAMES_AT_ONCE),
  );

const spanAround = (places: readonly number[]): Span | null =>
  places.length === 0 ? null : { first: Math.min(...places), end: Math.max(...places) + 1 };

export class RunPages implements RowSource<Item>, Recorded {
  readonly count: number;
  readonly matched: number;
  readonly traits: RunTraits;
  readonly names: RunNames;
  readonly measured: readonly Measured[];
  readonly grouped = false;
  /** The params of all runs, and the runs of the first part. */
  readonly result: Pick<Result<Item>, 'paths' | 'items'>;
  readonly about: Pick<Result<Item>, 'statement' | 'notes' | 'revision' | 'seconds'>;
  readonly outline: Outline | null;
  problem: Problem | null = null;
  sight: Sight | null = null;
  /** Increases whenever data arrives. */
  version = 0;
  besides: Besides = new Map();
  private interest = NO_INTEREST;
  private readonly token = {};
  private moved: { from: object; rows: number } | null = null;
  private readonly rows = new Map<number, LoadedPage>();
  private readonly groups = new Map<number, LoadedGroup>();
  private readonly runsById = new Map<string, Run>();
  /** The last known positions of runs. */
  private readonly seen = new Map<string, number>();
  private readonly places = new Map<string, readonly Place[]>();
  private readonly listeners = new Set<() => void>();
  private abort = new AbortController();
  private timer = 0;
  private busy = false;

  constructor(
    private readonly source: DataSource,
    readonly wanted: TableQuestion,
    readonly columns: ColumnSet,
    part: Part,
    metrics: readonly string[],
  ) {
    const { head, table, outline } = part;
    this.outline = outline;
    this.count = head.listed;
    this.matched = head.matched;
    this.traits = columns.traits;
    this.names = labelsBy(table.result.runs, [...columns.traits.differing].sort(compareNames));
    this.measured = columns.measured;
    this.result = { paths: [...columns.paths.keys()].sort(compareNames), items: table.result.items };
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

  readonly valueAt = (run: string, id: string, value: RecordedValue): number | undefined =>
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
    const end = Math.min(sight.end, this.count);
    const runs = Array.from({ length: Math.max(0, end - sight.first) }, (_, at) => sight.first + at);
    this.want(sight, { runs, groups: [], columns: sight.columns });
  }

  /** Sets what the visible rows show. */
  want(sight: Sight, interest: Interest): void {
    const before = this.sight?.columns.join('\n');
    this.sight = sight;
    this.interest = interest;
    if (before !== sight.columns.join('\n')) this.tell();
    this.plan();
  }

  /** A group by its position in the outline; null while it is loading. */
  group(at: number): GroupPart | null {
    return this.groups.get(at) ?? null;
  }

  cell(at: number, column: string): GroupCell | null {
    return this.groups.get(at)?.cells.get(column) ?? null;
  }

  /** The last known position of a run among all listed runs; -1 if it is unknown. */
  seenAt(run: string): number {
    return this.seen.get(run) ?? -1;
  }

  /** Loads again after a problem. */
  again(): void {
    this.problem = null;
    this.tell();
    this.plan();
  }

  /** Stops loading until rows are requested again. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.abort.abort();
  }

  /** A copy with every group, these columns, and every run if `runs`. */
  async whole(columns: readonly string[], runs: boolean): Promise<RunPages> {
    const { metrics, besides } = this.needsOf(columns);
    const signal = new AbortController().signal;
    const ask = (offset: number, some: readonly string[], groups = false): Promise<Part> => {
      const asked = { offset, limit: ROWS_OF_FILE, metrics: some, groups };
      return askPart(this.source, this.wanted, this.columns, asked, signal);
    };
    const [few = [], ...more] = partsOf(metrics);
    const all = new RunPages(
      this.source,
      this.wanted,
      this.columns,
      await ask(0, few, this.wanted.group !== null),
      few,
    );
    if (all.outline) await all.wholeGroups(columns);
    for (let at = 0; runs && at < all.count; at += ROWS_OF_FILE) {
      if (at > 0) all.put(await ask(at, few), few);
      for (const some of more) all.put(await ask(at, some), some);
    }
    for (const beside of besides) await all.addBeside(beside);
    return all;
  }

  private async wholeGroups(columns: readonly string[]): Promise<void> {
    const { length } = this.outline?.groups ?? [];
    for (let at = 0; at < length; at += ROWS_OF_FILE)
      for (const some of partsOf(columns))
        await this.loadGroups(at, Math.min(length, at + ROWS_OF_FILE), some, new AbortController().signal);
  }

  /** Replaces an earlier answer; rows loaded there stay until they are loaded again. */
  follow(before: RunPages, near: number, top: number): void {
    const rows = near < 0 ? 0 : near - top;
    this.moved = { from: before.token, rows };
    this.besides = before.besides;
    if (before.sight) this.sight = shifted(before.sight, rows);
    this.keepGroups(before);
    for (const [at, { row }] of before.rows) {
      const [{ run }] = row.members;
      const place = at + rows;
      if (place < 0 || place >= this.count || this.rows.has(place) || this.runsById.has(run.id)) continue;
      this.rows.set(place, { row, has: null });
      this.places.set(run.id, before.places.get(run.id) ?? []);
    }
  }

  private keepGroups(before: RunPages): void {
    const known = new Map(before.outline?.groups.map(({ key }, at) => [key, before.groups.get(at)]));
    this.outline?.groups.forEach(({ key }, at) => {
      const group = known.get(key);
      if (group) this.groups.set(at, { ...group, fresh: false });
    });
  }

  private tell(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  /** The names of the metrics, and the at-best columns, among some columns. */
  needsOf(columns: readonly string[]): Needs {
    const byId = new Map(this.measured.map((metric) => [metric.id, metric.name]));
    const few = this.measured.length <= FEW;
    const names = few
      ? namesOf(this.measured)
      : columns.flatMap((id) => byId.get(measuredOf({ id })?.metric ?? '') ?? []);
    const { besides } = readReducers(new URLSearchParams(this.wanted.reducers));
    return {
      metrics: [...new Set(names)],
      besides: besides.filter((beside) => columns.includes(besideColumnId(beside))),
    };
  }

  private plan(): void {
    if (this.timer || this.busy || this.problem || !this.gap()) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      void this.load();
    }, REST);
  }

  /** The visible rows and groups that are incomplete. */
  private gap(): Gap | null {
    const { columns } = this.interest;
    const needs = this.needsOf(columns);
    const wanted = [...needs.metrics, ...needs.besides.map(besideKey)];
    const runs = this.interest.runs.filter((at) => {
      const has = this.rows.get(at)?.has;
      return !has || !wanted.every((column) => has.has(column));
    });
    const cells = columns.filter((id) => keyOf(id, this.columns) !== null);
    const groups = this.interest.groups.filter((at) => {
      const group = this.groups.get(at);
      return !group?.fresh || !cells.every((id) => group.cells.has(id));
    });
    if (runs.length + groups.length === 0) return null;
    return { ...needs, runs: this.stretch(runs), groups: spanAround(groups), cells };
  }

  /** The runs of one request: open groups may be far apart. */
  private stretch(lacking: readonly number[]): Span | null {
    const [first] = lacking;
    if (first === undefined) return null;
    const near = lacking.filter((at) => at < first + 2 * ROWS);
    const end = (near[near.length - 1] ?? first) + 1;
    return { first, end: this.outline ? end : Math.max(end, first + ROWS) };
  }

  private async load(): Promise<void> {
    const gap = this.gap();
    if (!gap) return;
    if (this.abort.signal.aborted) this.abort = new AbortController();
    const { signal } = this.abort;
    this.busy = true;
    try {
      if (gap.groups) await this.loadGroups(gap.groups.first, gap.groups.end, gap.cells, signal);
      if (gap.runs) await this.loadRuns(gap.runs, gap, signal);
    } catch (error) {
      if (!signal.aborted) this.problem = problemOf(error);
    }
    this.busy = false;
    this.tell();
    this.plan();
  }

  private async loadRuns({ first, end }: Span, { metrics, besides }: Needs, signal: AbortSignal): Promise<void> {
    const asked = { offset: first, limit: end - first, metrics };
    const part = await askPart(this.source, this.wanted, this.columns, asked, signal);
    const ids = part.table.result.runs.map(({ id }) => id);
    for (const beside of besides) await this.addBeside(beside, ids);
    this.put(part, [...metrics, ...besides.map(besideKey)]);
  }

  private async loadGroups(first: number, end: number, ids: readonly string[], signal: AbortSignal): Promise<void> {
    const asked = { offset: first, limit: end - first, ids };
    const parts = await askGroups(this.source, this.wanted, this.columns, asked, signal);
    parts.forEach((part, at) => {
      const old = this.groups.get(first + at);
      const cells = old?.fresh ? new Map([...old.cells, ...part.cells]) : part.cells;
      this.groups.set(first + at, { item: part.item, cells, fresh: true });
      this.runsById.set(part.item.run.id, part.item.run);
    });
  }

  private put({ head, table }: Part, has: readonly string[]): void {
    const names = new Set(has);
    table.result.runs.forEach((run, at) => {
      const place = head.start + at;
      const old = this.rows.get(place);
      const more = old?.has && old.row.key === run.id;
      this.rows.set(place, { row: rowOf(itemOfRun(run)), has: more ? new Set([...(old.has ?? []), ...names]) : names });
      this.runsById.set(run.id, run);
      this.seen.set(run.id, place);
      const fresh = table.places.get(run.id);
      this.places.set(run.id, [...(fresh ? [fresh] : []), ...(more ? (this.places.get(run.id) ?? []) : [])]);
    });
  }

  private async addBeside(beside: Beside, only?: readonly string[]): Promise<void> {
    const [shown, by] = [beside.metric, beside.by].map((id) => this.measured.find((metric) => metric.id === id));
    if (!shown || !by) return;
    const key = besideKey(beside);
    for (const part of only ? inParts(only, IDS_AT_ONCE) : [undefined]) {
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
      table.result.runs.forEach(({ id }, at) => this.seen.set(id, asked.offset + at));
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

async function wantedColumns(source: DataSource, q: string, signal: AbortSignal): Promise<ColumnSet> {
  const wanted = { q, sort: [], find: '', reducers: '', group: null };
  const { head } = await askPart(source, wanted, NO_COLUMNS, { offset: 0, limit: 1, columns: true }, signal);
  return columnSetOf(head);
}

/** The first rows, with the first metrics. */
async function beginning(
  source: DataSource,
  wanted: TableQuestion,
  columns: ColumnSet,
  signal: AbortSignal,
): Promise<RunPages> {
  const metrics = namesOf(columns.measured.slice(0, FEW));
  const part = await askPart(
    source,
    wanted,
    columns,
    { offset: 0, limit: ROWS, metrics, groups: wanted.group !== null },
    signal,
  );
  return new RunPages(source, wanted, columns, part, metrics);
}

/** The visible rows again, near the first visible run unless the table is at its top. */
async function renewed(source: DataSource, signal: AbortSignal, old: RunPages): Promise<RunPages> {
  const { wanted, columns, sight } = old;
  const grouped = wanted.group !== null;
  const [first, top] = grouped ? [0, 0] : [sight?.first ?? 0, sight?.top ?? 0];
  const limit = grouped || !sight ? ROWS : sight.end - first + MARGIN;
  const near = top > 0 ? old.row(top)?.key : undefined;
  const needs = old.needsOf(sight?.columns ?? []);
  const before = near === undefined ? undefined : top - first;
  const asked = { offset: first, limit, near, before, metrics: needs.metrics, columns: true, groups: grouped };
  const part = await askPart(source, wanted, columns, asked, signal);
  const fresh = new RunPages(source, wanted, columnSetOf(part.head), part, needs.metrics);
  fresh.follow(old, part.head.near, top);
  return fresh;
}

const same = (a: TableQuestion, b: TableQuestion): boolean => JSON.stringify(a) === JSON.stringify(b);

export const PAGES: Question<TableQuestion, RunPages> = {
  ask: async (source, wanted, signal, _, before) => {
    if (before && same(before.wanted, wanted)) return renewed(source, signal, before);
    const known = before?.wanted.q === wanted.q ? before.columns : null;
    return beginning(source, wanted, known ?? (await wantedColumns(source, wanted.q, signal)), signal);
  },
  renew: (source, _, signal, old) => renewed(source, signal, old),
  revision: ({ about }) => about.revision,
  found: ({ matched }) => matched > 0,
  pause: PAUSE,
};
