/**
 * Series split where their steps start again, as in a loop over epochs that counts from 0 each time: each pass over the
 * steps is a series of its own, told apart by its context.
 */
import { contextText, shortKey, type Result, type Series } from './result';

/** Along this axis, points come in the order in which they were recorded. */
export const RECORDED = 'time';
/** More passes are none: several processes track the series at once, and their points alternate. */
const MOST = 50;

/** Of a result along time, the result along steps. */
export function inPasses(result: Result): Result {
  const keyword = passKeyword(result.items);
  const items = result.items.flatMap((series) => passesOf(series, keyword));
  return { ...result, items, total: items.length };
}

/** The keyword of contexts that numbers passes. A keyword of the runs of the same name stays. */
export const passKeyword = (items: readonly Series[]): string =>
  items.some(({ context }) => 'pass' in context) ? 'pass over steps' : 'pass';

export function passesOf(series: Series, keyword: string): readonly Series[] {
  const { steps } = series;
  const starts = [0, ...Array.from(steps.keys()).filter((at) => (steps[at] ?? NaN) < (steps[at - 1] ?? NaN))];
  if (starts.length > MOST) return [byStep(series)];
  if (starts.length === 1) return [{ ...series, x: steps }];
  return starts.map((from, at) => passOf(series, from, starts[at + 1] ?? steps.length, at + 1, keyword));
}

function byStep(series: Series): Series {
  const order = Float64Array.from(series.steps.keys()).sort((a, b) => (series.steps[a] ?? 0) - (series.steps[b] ?? 0));
  const steps = order.map((at) => series.steps[at] ?? NaN);
  return { ...series, x: steps, steps, y: order.map((at) => series.y[at] ?? NaN) };
}

function passOf(series: Series, from: number, to: number, pass: number, keyword: string): Series {
  const steps = series.steps.subarray(from, to);
  const y = series.y.subarray(from, to);
  const context = { ...series.context, [keyword]: pass };
  const numbers = y.filter((value) => !Number.isNaN(value));
  return {
    ...series,
    key: shortKey(`${series.key}\n${pass}`),
    context,
    contextText: contextText(context),
    count: y.length,
    first: y[0] ?? NaN,
    last: y.at(-1) ?? NaN,
    min: numbers.length ? numbers.reduce((a, b) => Math.min(a, b)) : NaN,
    max: numbers.length ? numbers.reduce((a, b) => Math.max(a, b)) : NaN,
    lastStep: steps.at(-1) ?? NaN,
    x: steps,
    y,
    steps,
    pass: { keyword, times: series.x.subarray(from, to) },
  };
}
