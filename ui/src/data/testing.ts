/** Frames and results as a server would send them, for tests. */
import type { ArraySpec, Frame, Run as RunRow, RunsFrame, RunTexts } from '../wire';
import { FrameDecoder } from './frames';
import { ResultBuilder, type Result } from './result';

type Arrays = Record<string, Float64Array | Int32Array | Uint8Array>;
type Bare<F> = F extends Frame ? Omit<F, 'arrays'> : never;

const DTYPES = new Map<Function, ArraySpec['dtype']>([
  [Float64Array, 'f8'],
  [Int32Array, 'i4'],
  [Uint8Array, 'u1'],
]);

const roundUp = (size: number): number => Math.ceil(size / 8) * 8;

export function encode(frame: Bare<Frame>, arrays: Arrays = {}): Uint8Array {
  const specs = Object.entries(arrays).map(([name, array]) => ({
    name,
    dtype: DTYPES.get(array.constructor),
    length: array.length,
  }));
  const json = new TextEncoder().encode(JSON.stringify({ ...frame, arrays: specs }));
  const header = roundUp(json.length);
  const body = Object.values(arrays).reduce((sum, array) => sum + roundUp(array.byteLength), 0);
  const out = new Uint8Array(8 + header + body).fill(32, 8, 8 + header);
  out.set(new TextEncoder().encode('AIMF'));
  new DataView(out.buffer).setUint32(4, header, true);
  out.set(json, 8);
  let at = 8 + header;
  for (const array of Object.values(arrays)) {
    out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += roundUp(array.byteLength);
  }
  return out;
}

export function runRow(id: string, change: Partial<RunRow> = {}): RunRow {
  return {
    id,
    hash: id,
    name: null,
    experiment: 'default',
    description: null,
    tags: [],
    archived: false,
    status: 'finished',
    error: null,
    created_at: 0,
    finished_at: null,
    duration: 1,
    seen_at: 0,
    started_by: null,
    edited_by: null,
    diverged: false,
    position: 0,
    dropped: 0,
    damaged: 0,
    ...change,
  };
}

const TEXTS: readonly (keyof RunTexts)[] = [
  'hash',
  'name',
  'experiment',
  'description',
  'tags',
  'status',
  'error',
  'started_by',
  'edited_by',
];
const REALS = ['created_at', 'finished_at', 'duration', 'seen_at', 'dropped', 'damaged', 'position'] as const;
const FLAGS = ['archived', 'diverged'] as const;

type RunsHead = Omit<RunsFrame, 'kind' | 'ids' | 'texts' | 'arrays'>;

/** A frame of runs; `params` are the indices of their params. */
export function encodeRuns(runs: readonly RunRow[], about: RunsHead, params = new Int32Array()): Uint8Array {
  const arrays: Arrays = { params };
  const texts = TEXTS.map((field) => {
    const all = runs.map((run) => JSON.stringify(run[field]));
    const values = [...new Set(all)].filter((text) => text !== 'null');
    arrays[field] = Int32Array.from(all, (text) => values.indexOf(text));
    return [field, values.map((text) => JSON.parse(text) as unknown)];
  });
  for (const field of REALS) arrays[field] = Float64Array.from(runs, (run) => run[field] ?? NaN);
  for (const field of FLAGS) arrays[field] = Uint8Array.from(runs, (run) => Number(run[field]));
  const ids = runs.map(({ id }) => id);
  return encode({ kind: 'runs', ids, texts: Object.fromEntries(texts) as RunTexts, ...about }, arrays);
}

export interface Sample {
  run: RunRow;
  params?: Record<string, unknown>;
  series: { name: string; context?: Record<string, unknown>; y: number[] }[];
}

/** The frames of an answer: runs, then one frame per run, then the end. */
export function answer(samples: readonly Sample[]): Uint8Array[] {
  const paths = [...new Set(samples.flatMap(({ params }) => Object.keys(params ?? {})))].sort();
  const columns = paths.map((path) => {
    const values = [...new Set(samples.map(({ params }) => params?.[path]).filter((value) => value !== undefined))];
    return { path, values };
  });
  const index = columns.flatMap(({ path, values }) =>
    samples.map(({ params }) => values.indexOf(params?.[path] ?? null)),
  );
  const total = samples.reduce((sum, sample) => sum + sample.series.length, 0);
  const about = {
    params: columns,
    series: total,
    points: 0,
    notes: [],
    revision: '1',
    statement: 'loss',
  };
  const parts = samples.map(({ series }, run) => {
    const whole = (of: (item: Sample['series'][number], at: number) => number): Int32Array =>
      Int32Array.from(series, of);
    const real = (of: (item: Sample['series'][number]) => number): Float64Array => Float64Array.from(series, of);
    const offsets = series.reduce<number[]>((ends, item) => [...ends, (ends.at(-1) ?? 0) + item.y.length], [0]);
    return encode(
      {
        kind: 'series',
        progress: (run + 1) / samples.length,
        names: series.map((item) => item.name),
        contexts: series.map((item) => item.context ?? {}),
      },
      {
        run: whole(() => run),
        name: whole((_, at) => at),
        context: whole((_, at) => at),
        count: whole((item) => item.y.length),
        sampled: Uint8Array.from(series, () => 0),
        first: real((item) => item.y[0] ?? NaN),
        last: real((item) => item.y.at(-1) ?? NaN),
        min: real((item) => Math.min(...item.y)),
        max: real((item) => Math.max(...item.y)),
        last_step: real((item) => item.y.length - 1),
        offsets: Int32Array.from(offsets),
        x: Float64Array.from(series.flatMap((item) => item.y.map((_, step) => step))),
        y: Float64Array.from(series.flatMap((item) => item.y)),
      },
    );
  });
  const runs = samples.map(({ run }) => run);
  return [encodeRuns(runs, about, Int32Array.from(index)), ...parts, encode({ kind: 'end', seconds: 0.5, checked: 7 })];
}

export function resultOf(samples: readonly Sample[]): Result {
  const decoder = new FrameDecoder();
  const builder = new ResultBuilder();
  for (const chunk of answer(samples)) for (const decoded of decoder.push(chunk)) builder.add(decoded);
  decoder.finish();
  return builder.snapshot();
}
