/**
 * The result of a search: runs and their series. Frames append to it while they stream; a refetch of changed runs is
 * merged in.
 */
import { itemAt } from '../text/lists';
import type { Param, Run as RunRow, RunsFrame } from '../wire';
import { bytes, floats, integers, type Decoded } from './frames';
import { compareNames } from '../text/order';

/** Param values of the runs of one frame, one row per path; index -1 for runs without the param. */
interface ParamBlock {
  paths: ReadonlyMap<string, { values: unknown[]; at: number }>;
  index: Int32Array;
  width: number;
}

export interface Run extends RunRow {
  readonly block: ParamBlock;
  readonly row: number;
}

export type Context = { readonly [key: string]: unknown };

/** A row of a table with a color: a series, or a run by itself. */
export interface Item {
  readonly key: string;
  readonly run: Run;
  readonly name?: string;
  readonly context?: Context;
  readonly contextText?: string;
  /** Of media. */
  readonly step?: number;
  readonly index?: number;
}

export const itemOfRun = (run: Run): Item => ({ key: run.id, run });

export interface Series extends Item {
  readonly name: string;
  readonly context: Context;
  readonly contextText: string;
  readonly count: number;
  readonly sampled: boolean;
  /** Along a metric: whether it is not monotonic; the points are sorted by x. */
  readonly back: boolean;
  readonly first: number;
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly lastStep: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly steps: Float64Array;
  /** Smoothed by the server, of all recorded points, if that was requested. */
  readonly smoothed?: Float64Array;
  /** Of a pass over the steps: the keyword of its context that has its number, and when its points were recorded. */
  readonly pass?: { readonly keyword: string; readonly times: Float64Array };
}

export interface Result<T extends Item = Series> {
  readonly runs: readonly Run[];
  readonly items: readonly T[];
  readonly paths: readonly string[];
  readonly total: number;
  readonly points: number;
  readonly notes: readonly string[];
  readonly revision: string;
  readonly statement: string;
  readonly seconds: number;
  readonly checked: number;
}

export const NOTHING: Result<never> = {
  runs: [],
  items: [],
  paths: [],
  total: 0,
  points: 0,
  notes: [],
  revision: '',
  statement: '',
  seconds: 0,
  checked: 0,
};

export function paramOf(run: Run, path: string): unknown {
  const column = run.block.paths.get(path);
  if (!column) return undefined;
  const at = run.block.index[column.at * run.block.width + run.row] ?? -1;
  return at < 0 ? undefined : column.values[at];
}

export function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

export function contextText(context: Context): string {
  const keys = Object.keys(context).sort();
  return keys.map((key) => `${key}=${textOf(context[key])}`).join(', ');
}

/** 64-bit FNV-1a over UTF-16 units as two 32-bit lanes: short enough for a URL, long enough for a million series. */
export function shortKey(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return (a >>> 0).toString(36).padStart(7, '0') + (b >>> 0).toString(36).padStart(7, '0');
}

function blockOf(params: Param[], index: Int32Array, width: number): ParamBlock {
  return { paths: new Map(params.map((column, at) => [column.path, { values: column.values, at }])), index, width };
}

/** The rows of a frame, which has runs by column. */
function rowsOf(decoded: Decoded, { ids, texts }: RunsFrame): RunRow[] {
  const coded = <T>(field: keyof typeof texts, values: readonly T[]): ((row: number) => T | null) => {
    const codes = integers(decoded, field);
    return (row) => values[codes[row] ?? -1] ?? null;
  };
  const hash = coded('hash', texts.hash);
  const name = coded('name', texts.name);
  const experiment = coded('experiment', texts.experiment);
  const description = coded('description', texts.description);
  const tags = coded('tags', texts.tags);
  const status = coded('status', texts.status);
  const error = coded('error', texts.error);
  const startedBy = coded('started_by', texts.started_by);
  const editedBy = coded('edited_by', texts.edited_by);
  const [archived, diverged] = [bytes(decoded, 'archived'), bytes(decoded, 'diverged')];
  const [created, finished] = [floats(decoded, 'created_at'), floats(decoded, 'finished_at')];
  const [seen, duration] = [floats(decoded, 'seen_at'), floats(decoded, 'duration')];
  const [dropped, damaged] = [floats(decoded, 'dropped'), floats(decoded, 'damaged')];
  const position = floats(decoded, 'position');
  return ids.map((id, row) => {
    const end = itemAt(finished, row);
    return {
      id,
      hash: hash(row) ?? id,
      name: name(row),
      experiment: experiment(row) ?? '',
      description: description(row),
      tags: tags(row) ?? [],
      archived: archived[row] !== 0,
      status: status(row) ?? 'lost',
      error: error(row),
      created_at: itemAt(created, row),
      finished_at: Number.isNaN(end) ? null : end,
      duration: itemAt(duration, row),
      seen_at: itemAt(seen, row),
      diverged: diverged[row] !== 0,
      dropped: itemAt(dropped, row),
      damaged: itemAt(damaged, row),
      started_by: startedBy(row),
      edited_by: editedBy(row),
      position: itemAt(position, row),
    };
  });
}

/** Collects the frames of one answer. `snapshot()` is cheap and can be called at any time. */
export class ResultBuilder {
  private result: Result = NOTHING;
  private series: Series[] = [];
  private share = 0;
  done = false;

  add(decoded: Decoded): void {
    const { frame } = decoded;
    if (frame.kind === 'runs') {
      const block = blockOf(frame.params, integers(decoded, 'params'), frame.ids.length);
      const { runs, paths } = this.result;
      const more = frame.params.map((column) => column.path);
      this.result = {
        ...NOTHING,
        runs: [...runs, ...rowsOf(decoded, frame).map((run, row) => ({ ...run, block, row }))],
        paths: paths.length ? [...new Set([...paths, ...more])].sort(compareNames) : more,
        total: frame.series,
        points: frame.points,
        notes: frame.notes,
        revision: frame.revision,
        statement: frame.statement,
      };
    } else if (frame.kind === 'table') {
      this.share = frame.progress;
    } else if (frame.kind === 'series') {
      this.share = frame.progress;
      this.addSeries(decoded, frame.names, frame.contexts);
    } else if (frame.kind === 'end') {
      this.result = { ...this.result, seconds: frame.seconds, checked: frame.checked };
      this.done = true;
    }
  }

  snapshot(): Result {
    return { ...this.result, items: this.series.slice() };
  }

  get progress(): number {
    return this.done ? 1 : this.share;
  }

  private addSeries(decoded: Decoded, names: string[], contexts: Context[]): void {
    const whole = (column: string): Int32Array => integers(decoded, column);
    const real = (column: string): Float64Array => floats(decoded, column);
    const [run, name, context] = [whole('run'), whole('name'), whole('context')];
    const [count, offsets] = [whole('count'), whole('offsets')];
    const [first, last, min, max] = [real('first'), real('last'), real('min'), real('max')];
    const [lastStep, x, y] = [real('last_step'), real('x'), real('y')];
    const sampled = bytes(decoded, 'sampled');
    const back = decoded.columns.has('back') ? bytes(decoded, 'back') : null;
    const steps = decoded.columns.has('steps') ? floats(decoded, 'steps') : x;
    const smoothed = decoded.columns.has('smoothed') ? floats(decoded, 'smoothed') : null;
    const texts = contexts.map(contextText);
    for (const [i, at] of run.entries()) {
      const owner = itemAt(this.result.runs, at);
      const [ownName, ownContext] = [itemAt(name, i), itemAt(context, i)];
      const [from, to] = [itemAt(offsets, i), itemAt(offsets, i + 1)];
      const text = itemAt(texts, ownContext);
      this.series.push({
        key: shortKey(`${owner.id}\n${itemAt(names, ownName)}\n${text}`),
        run: owner,
        name: itemAt(names, ownName),
        context: itemAt(contexts, ownContext),
        contextText: text,
        count: itemAt(count, i),
        sampled: sampled[i] !== 0,
        back: back !== null && back[i] !== 0,
        first: itemAt(first, i),
        last: itemAt(last, i),
        min: itemAt(min, i),
        max: itemAt(max, i),
        lastStep: itemAt(lastStep, i),
        x: x.subarray(from, to),
        y: y.subarray(from, to),
        steps: steps.subarray(from, to),
        ...(smoothed && { smoothed: smoothed.subarray(from, to) }),
      });
    }
  }
}

/** `fresh` answers the same query for the runs `asked`. They replace the known ones; missing runs no longer match. */
export function mergeRuns(old: Result, fresh: Result, asked: readonly string[]): Result {
  const gone = new Set(asked);
  for (const run of fresh.runs) gone.add(run.id);
  const runs = [...old.runs.filter((run) => !gone.has(run.id)), ...fresh.runs].sort(
    (a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1),
  );
  const rank = new Map(runs.map((run, at) => [run.id, at]));
  const series = [...old.items.filter((item) => !gone.has(item.run.id)), ...fresh.items];
  series.sort((a, b) => (rank.get(a.run.id) ?? 0) - (rank.get(b.run.id) ?? 0));
  const points = series.reduce((sum, item) => sum + item.count, 0);
  return {
    ...old,
    runs,
    items: series,
    points,
    total: series.length,
    revision: fresh.revision,
    notes: series.length ? [] : fresh.notes,
    paths: [...new Set([...old.paths, ...fresh.paths])].sort(compareNames),
  };
}
