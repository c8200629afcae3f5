/** The lines of a small chart: colors by run, dashes by context, the baseline thick and on top. */
import { dashFor, type Line } from '../../charts';
import { textOf, type Run, type Series } from '../../data/result';
import type { RunNames } from '../../explorer/names';
import { compareNames } from '../../text/order';

/** Training and validation look the same in all charts, whatever keyword says it. */
const DASHES: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['train', 0],
  ['training', 0],
  ['val', 1],
  ['valid', 1],
  ['validation', 1],
  ['dev', 1],
  ['test', 2],
]);

/** The dash of each context of a chart. */
export function dashesOf(series: readonly Series[]): ReadonlyMap<string, number> {
  const contexts = new Map(series.map(({ contextText, context }) => [contextText, context]));
  const known = new Map<string, number>();
  for (const [text, context] of contexts) {
    const values = Object.values(context);
    const dash = values.length === 0 ? 0 : DASHES.get(String(values[0]));
    if (dash !== undefined && values.length <= 1) known.set(text, dash);
  }
  let next = known.size > 0 ? 3 : 0;
  for (const text of [...contexts.keys()].sort(compareNames)) if (!known.has(text)) known.set(text, next++);
  return known;
}

/** The dash of each line of a chart: by its context, or by metric and context where it has several metrics. */
export function dasher(series: readonly Series[]): (item: Series) => number {
  if (new Set(series.map(({ name }) => name)).size <= 1) {
    const dashes = dashesOf(series);
    return ({ contextText }) => dashes.get(contextText) ?? 0;
  }
  const variants = [...new Set(series.map(variantOf))];
  return (item) => variants.indexOf(variantOf(item));
}

const variantOf = ({ name, contextText }: Series): string =>
  contextText === '' ? name : `${name} · ${shortContext(contextText)}`;

export interface RunLook {
  readonly colorOf: (run: Run) => string;
  readonly nameOf: RunNames;
  readonly hidden: ReadonlySet<string>;
  readonly baseline: string | null;
}

export function linesOf(series: readonly Series[], { colorOf, nameOf, hidden, baseline }: RunLook): Line[] {
  const dashOf = dasher(series);
  const lines = series.map((item): Line => ({
    key: item.key,
    run: item.run.id,
    label: [nameOf(item.run), item.contextText].filter(Boolean).join(' · '),
    color: colorOf(item.run),
    dash: dashFor(dashOf(item)),
    x: item.x,
    y: item.y,
    ...(item.smoothed && { smoothed: item.smoothed }),
    steps: item.steps,
    hidden: hidden.has(item.run.id),
    live: item.run.status === 'running',
    ...(item.run.id === baseline && { width: 2.5 }),
  }));
  const isBaseline = ({ run }: Line): number => (run === baseline ? 1 : 0);
  // The newest run is drawn last.
  return lines.reverse().sort((a, b) => isBaseline(a) - isBaseline(b));
}

interface ChartContext {
  readonly text: string;
  /** What tells it from the others of the chart. */
  readonly label: string;
  readonly dash: readonly number[];
}

/** The contexts of a chart, or its metrics with their contexts, with their dashes, for its legend. */
export function contextsOf(series: readonly Series[]): readonly ChartContext[] {
  const several = new Set(series.map(({ name }) => name)).size > 1;
  const dashOf = dasher(series);
  const labels = labelsOf(series);
  const named = new Map(
    series.map((item) => {
      const text = several ? variantOf(item) : item.contextText || NO_CONTEXT;
      const label = several ? text : (labels.get(item.contextText) ?? text);
      return [text, { text, label, dash: dashOf(item) }];
    }),
  );
  return [...named.values()].sort((a, b) => a.dash - b.dash).map((item) => ({ ...item, dash: dashFor(item.dash) }));
}

/** Contexts in words: their values, without those that all contexts have. */
function labelsOf(series: readonly Series[]): ReadonlyMap<string, string> {
  const contexts = [...new Map(series.map(({ contextText, context }) => [contextText, context]))];
  const keys = [...new Set(contexts.flatMap(([, context]) => Object.keys(context)))].sort();
  const telling = keys.filter((key) => new Set(contexts.map(([, context]) => textOf(context[key]))).size > 1);
  const labels = contexts.map(([text, context]): [string, string] => {
    const words = telling.filter((key) => key in context).map((key) => wordFor(key, context[key]));
    return [text, words.join(' ') || NO_CONTEXT];
  });
  const distinct = new Set(labels.map(([, label]) => label)).size === labels.length;
  return distinct ? new Map(labels) : new Map();
}

/** A text says what it is by itself; a number needs the name before it. */
const wordFor = (key: string, value: unknown): string =>
  typeof value === 'string' ? value : `${key}=${textOf(value)}`;

const NO_CONTEXT = 'no context';

/** `subset=val` is called val. */
export const shortContext = (text: string): string =>
  text.startsWith('subset=') && !text.includes(',') ? text.slice(7) : text || NO_CONTEXT;
