/** The fields that each channel groups by: the chosen ones, every other param, or none. */
import { paramOf, textOf, type Context, type Item, type Result } from '../data/result';
import { compareNames } from '../text/order';
import { ANY_CONTEXT } from './fields';
import type { Channel, View } from './view/view';

export const CHANNELS: readonly Channel[] = ['color', 'stroke', 'chart'];

/** Params that differ between the runs. */
export function varyingParams({ runs, paths }: Pick<Result, 'runs' | 'paths'>): string[] {
  return paths.filter((path) => {
    const first = runs[0] && paramOf(runs[0], path);
    const text = textOf(first);
    return runs.some((run) => {
      const value = paramOf(run, path);
      return value !== first && (typeof value !== typeof first || textOf(value) !== text);
    });
  });
}

type Chosen = Pick<View, Channel | 'allBut' | 'off'>;

/** `context` is the keywords `telling`. Excluding a param also excludes everything below it. */
export function chosenFields(
  view: Chosen,
  channel: Channel,
  varying: readonly string[],
  telling: readonly string[],
): readonly string[] {
  if (view.off.includes(channel)) return [];
  const told = view[channel].flatMap((id) => (id === ANY_CONTEXT ? telling : [id]));
  const chosen = [...new Set(told)];
  if (!view.allBut.includes(channel)) return chosen;
  const out = (id: string): boolean => chosen.some((field) => id === field || id.startsWith(`${field}.`));
  return varying.map((path) => `params.${path}`).filter((id) => !out(id));
}

const SUBSET = 'context.subset';
/** So many values are not told apart by a color or dash. */
const MOST_VALUES = 30;

/** The fields of contexts in which series of one run and metric differ; the subset, if there is one, where none do. */
export function tellingContexts(items: readonly Item[]): readonly string[] {
  const first = new Map<string, Context>();
  const compared = new Map<Context, Set<Context>>();
  const differing = new Set<string>();
  for (const { run, name, context = NONE } of items) {
    const key = `${run.id}\n${name}`;
    const before = first.get(key);
    if (!before) first.set(key, context);
    else if (before !== context && !compared.get(before)?.has(context)) {
      compared.set(before, (compared.get(before) ?? new Set()).add(context));
      for (const word of new Set([...Object.keys(before), ...Object.keys(context)]))
        if (textOf(before[word]) !== textOf(context[word])) differing.add(word);
    }
  }
  const few = [...differing].filter((word) => hasFewValues(items, word)).sort(compareNames);
  const fields = few.map((word) => `context.${word}`);
  if (fields.length === 0) return items.some(({ context }) => context?.subset !== undefined) ? [SUBSET] : [];
  return [...fields].sort((a, b) => Number(b === SUBSET) - Number(a === SUBSET));
}

const NONE: Context = {};

function hasFewValues(items: readonly Item[], word: string): boolean {
  const values = new Set<string>();
  for (const { context } of items) {
    values.add(textOf(context?.[word]));
    if (values.size > MOST_VALUES) return false;
  }
  return true;
}

export function switched(list: readonly string[], item: string, on: boolean): string[] {
  const rest = list.filter((other) => other !== item);
  return on ? [...rest, item] : rest;
}
