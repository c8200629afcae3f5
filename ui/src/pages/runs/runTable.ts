/** Runs with their params and the numbers of their metrics, as the server sends them, and the columns made of them. */
import { itemAt } from '../../text/lists';
import { address } from '../../data/api';
import { floats, integers, type Decoded } from '../../data/frames';
import { itemOfRun, ResultBuilder, type Context, type Item, type Result, type Run } from '../../data/result';
import { receive, type Builder } from '../../data/search';
import type { Question } from '../../data/searcher';
import type { DataSource } from '../../data/source';
import { traitsOf } from '../../explorer/columns';
import { measuredAs, sortedMetrics, type Measured, type Recorded } from './measured';
import type { RecordedValue } from './reducers';
import { compareNames } from '../../text/order';

/** The numbers of one answer; those of a run lie together. */
interface NumberColumns {
  /** Of each series: its place in `measured`. */
  readonly codes: Int32Array;
  readonly measured: readonly Measured[];
  readonly values: { readonly [K in RecordedValue]: Float64Array };
}

export interface Place {
  readonly numbers: NumberColumns;
  readonly from: number;
  readonly to: number;
}

/** All runs of a condition. */
export interface ListedRuns {
  readonly result: Result<Item>;
  readonly measured: readonly Measured[];
  readonly places: ReadonlyMap<string, Place>;
}

function numberColumns(decoded: Decoded, names: readonly string[], contexts: readonly Context[]): NumberColumns {
  const [name, context] = [integers(decoded, 'name'), integers(decoded, 'context')];
  const places = new Map<number, number>();
  const measured: Measured[] = [];
  const codes = Int32Array.from(name, (at, i) => {
    const of = itemAt(context, i);
    const both = at * contexts.length + of;
    let place = places.get(both);
    if (place === undefined) {
      place = measured.length;
      places.set(both, place);
      measured.push(measuredAs(itemAt(names, at), itemAt(contexts, of)));
    }
    return place;
  });
  const column = (value: RecordedValue): Float64Array => floats(decoded, value);
  const values = {
    last: column('last'),
    min: column('min'),
    max: column('max'),
    mean: column('mean'),
    first: column('first'),
  };
  return { codes, measured, values };
}

/** Puts the parts of a streamed answer together. */
export class TableBuilder implements Builder<ListedRuns> {
  private readonly runs = new ResultBuilder();
  private readonly items: Item[] = [];
  private readonly measured = new Map<string, Measured>();
  private readonly places = new Map<string, Place>();

  get progress(): number {
    return this.runs.progress;
  }

  get done(): boolean {
    return this.runs.done;
  }

  add(decoded: Decoded): void {
    this.runs.add(decoded);
    const { frame } = decoded;
    if (frame.kind !== 'table') return;
    const { runs } = this.runs.snapshot();
    for (const run of runs.slice(this.items.length)) this.items.push(itemOfRun(run));
    const numbers = numberColumns(decoded, frame.names, frame.contexts);
    for (const metric of numbers.measured) this.measured.set(metric.id, metric);
    place(this.places, runs, numbers, integers(decoded, 'run'));
  }

  snapshot(): ListedRuns {
    const result = { ...this.runs.snapshot(), items: this.items.slice() };
    return { result, measured: sortedMetrics([...this.measured.values()]), places: new Map(this.places) };
  }
}

function place(places: Map<string, Place>, runs: readonly Run[], numbers: NumberColumns, owner: Int32Array): void {
  for (let from = 0; from < owner.length;) {
    let to = from;
    while (to < owner.length && owner[to] === owner[from]) to += 1;
    places.set(itemAt(runs, itemAt(owner, from)).id, { numbers, from, to });
    from = to;
  }
}

async function tableOf(
  source: DataSource,
  path: string,
  signal: AbortSignal,
  publish?: (soFar: ListedRuns, progress: number) => void,
): Promise<ListedRuns> {
  const builder = new TableBuilder();
  await receive(source, path, signal, builder, publish);
  return builder.snapshot();
}

/** The runs of an expression. */
export const RUNS: Question<{ readonly q: string }, ListedRuns> = {
  ask: (source, { q }, signal, publish) => tableOf(source, address('table', { q }), signal, publish),
  renew: async (source, { q }, signal, old, changed) => {
    const fresh = await tableOf(source, address('table', { q, only: changed.join(',') }), signal);
    return mergeTables(old, fresh, changed);
  },
  revision: ({ result }) => result.revision,
  found: ({ result }) => result.runs.length > 0,
};

type Dense = ReadonlyMap<string, Float64Array>;
const dense = new WeakMap<ListedRuns, Map<RecordedValue, Dense>>();
const rows = new WeakMap<ListedRuns, ReadonlyMap<string, number>>();

/** One column for each metric, as long as there are runs: made at once and only when one of them is asked for. */
function denseOf(table: ListedRuns, value: RecordedValue): Dense {
  const known = dense.get(table) ?? new Map<RecordedValue, Dense>();
  dense.set(table, known);
  let columns = known.get(value);
  if (!columns) {
    const { runs } = table.result;
    const made = new Map(table.measured.map(({ id }) => [id, new Float64Array(runs.length).fill(NaN)]));
    runs.forEach((run, row) => {
      const place = table.places.get(run.id);
      if (!place) return;
      const { codes, measured, values } = place.numbers;
      for (let at = place.from; at < place.to; at++) {
        const column = made.get(itemAt(measured, itemAt(codes, at)).id);
        if (column) column[row] = itemAt(values[value], at);
      }
    });
    columns = made;
    known.set(value, columns);
  }
  return columns;
}

function rowIndex(table: ListedRuns): ReadonlyMap<string, number> {
  let known = rows.get(table);
  if (!known) {
    known = new Map(table.result.runs.map((run, row) => [run.id, row]));
    rows.set(table, known);
  }
  return known;
}

/** undefined where the run has no such metric: one that it has may well be NaN. */
export function valueAt(table: ListedRuns, run: string, id: string, value: RecordedValue): number | undefined {
  const number = numberAt(table, run, id, value);
  if (!Number.isNaN(number)) return number;
  const place = table.places.get(run);
  const { codes, measured } = place?.numbers ?? NO_NUMBERS;
  const there = codes.subarray(place?.from, place?.to).some((code) => measured[code]?.id === id);
  return there ? NaN : undefined;
}
const NO_NUMBERS = { codes: new Int32Array(), measured: [] as Measured[] };

/** The same, of a run whose numbers came in several answers, the newest first. */
export function valueIn(places: readonly Place[], id: string, value: RecordedValue): number | undefined {
  for (const { numbers, from, to } of places)
    for (let at = from; at < to; at++)
      if (numbers.measured[itemAt(numbers.codes, at)]?.id === id) return numbers.values[value][at];
  return undefined;
}

export const recordedIn = (table: ListedRuns): Recorded => ({
  result: table.result,
  measured: table.measured,
  traits: traitsOf(table.result),
  valueAt: (run, id, value) => valueAt(table, run, id, value),
});

/** NaN where the run has no such metric. */
export function numberAt(table: ListedRuns, run: string, id: string, value: RecordedValue): number {
  const row = rowIndex(table).get(run);
  return row === undefined ? NaN : (denseOf(table, value).get(id)?.[row] ?? NaN);
}

/** `fresh` answers the same question for the runs `asked`: what was known of them is replaced. */
export function mergeTables(old: ListedRuns, fresh: ListedRuns, asked: readonly string[]): ListedRuns {
  const gone = new Set(asked);
  const kept = old.result.items.filter(({ run }) => !gone.has(run.id));
  const items = [...kept, ...fresh.result.items].sort(
    (a, b) => b.run.created_at - a.run.created_at || (a.run.id < b.run.id ? -1 : 1),
  );
  const places = new Map([...old.places].filter(([run]) => !gone.has(run)));
  for (const [run, place] of fresh.places) places.set(run, place);
  const known = new Set(old.measured.map(({ id }) => id));
  const more = fresh.measured.filter(({ id }) => !known.has(id));
  const result = {
    ...old.result,
    items,
    runs: items.map(({ run }) => run),
    paths: [...new Set([...old.result.paths, ...fresh.result.paths])].sort(compareNames),
    revision: fresh.result.revision,
  };
  return { result, measured: more.length ? sortedMetrics([...old.measured, ...more]) : old.measured, places };
}
