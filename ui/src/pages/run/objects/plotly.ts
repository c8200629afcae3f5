/**
 * What of a plotly figure can be drawn as lines: scatter traces with lines, over numbers that go one way. Nothing of a figure is run or
 * put into the page as HTML; what is not understood is left to its JSON.
 */
import { itemAt } from '../../../text/lists';

export interface Trace {
  readonly name: string;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly traces: readonly Trace[];
  /** Traces that cannot be drawn, by their type. */
  readonly others: readonly string[];
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});

/** Of a title; more of it is not looked at, so that no text takes long. */
const LONGEST = 300;

/** A title is a text, or an object that holds one. */
function textOf(value: unknown): string {
  const text = isObject(value) ? value.text : value;
  return typeof text === 'string'
    ? text
        .slice(0, 3 * LONGEST)
        .replace(/<[^>]*>/g, '')
        .slice(0, LONGEST)
    : '';
}

const WIDTHS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  f8: (view, at) => view.getFloat64(at * 8, true),
  f4: (view, at) => view.getFloat32(at * 4, true),
  i4: (view, at) => view.getInt32(at * 4, true),
  i2: (view, at) => view.getInt16(at * 2, true),
  i1: (view, at) => view.getInt8(at),
  u4: (view, at) => view.getUint32(at * 4, true),
  u2: (view, at) => view.getUint16(at * 2, true),
  u1: (view, at) => view.getUint8(at),
};

/** Plotly 6 writes arrays as base64 of their bytes. */
function packed({ dtype, bdata }: Json): number[] | null {
  const read = typeof dtype === 'string' ? WIDTHS[dtype] : undefined;
  if (!read || typeof bdata !== 'string') return null;
  try {
    const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
    const count = Math.floor(bytes.length / Number((dtype as string).slice(1)));
    const view = new DataView(bytes.buffer);
    return Array.from({ length: count }, (_, at) => read(view, at));
  } catch {
    return null;
  }
}

/** Numbers, with NaN for gaps; null for anything else. */
function numbersOf(value: unknown): Float64Array | null {
  const list = isObject(value) ? packed(value) : value;
  if (!Array.isArray(list)) return null;
  if (!list.every((one) => one === null || typeof one === 'number')) return null;
  return Float64Array.from(list, (one) => (one === null ? NaN : (one as number)));
}

const LINES: ReadonlySet<unknown> = new Set(['scatter', 'scattergl', 'line', undefined]);

/** Without a mode plotly draws lines. */
const hasLines = ({ type, mode }: Json): boolean =>
  LINES.has(type) && (typeof mode !== 'string' || mode.includes('lines'));

const rises = (x: Float64Array): boolean => x.every((value, i) => i === 0 || value >= itemAt(x, i - 1));

function traceOf(trace: Json, at: number): Trace | null {
  if (!hasLines(trace)) return null;
  const y = numbersOf(trace.y);
  const x = trace.x === undefined && y ? Float64Array.from(y, (_, i) => i) : numbersOf(trace.x);
  if (!x || !y || y.length === 0) return null;
  const count = Math.min(x.length, y.length);
  const line = { name: textOf(trace.name) || `trace ${at}`, x: x.slice(0, count), y: y.slice(0, count) };
  if (!rises(line.x)) {
    line.x.reverse();
    line.y.reverse();
  }
  return rises(line.x) ? line : null;
}

function kindOf({ type, mode }: Json): string {
  const kind = typeof type === 'string' ? type : 'unknown';
  return (typeof mode === 'string' ? `${kind} of ${mode}` : kind).slice(0, 60);
}

export function readPlot(figure: unknown): Plot {
  const { data, layout } = objectOf(figure);
  const given = objectOf(layout);
  const traces = (Array.isArray(data) ? data : []).map(objectOf);
  const drawn = traces.map(traceOf);
  return {
    title: textOf(given.title),
    xLabel: textOf(objectOf(given.xaxis).title),
    yLabel: textOf(objectOf(given.yaxis).title),
    traces: drawn.filter((trace) => trace !== null),
    others: traces.flatMap((trace, at) => (drawn[at] === null ? [kindOf(trace)] : [])),
  };
}
