/** Metrics by name and context, and what tables and charts ask of runs that recorded them. */
import { contextText, type Context, type Item, type Result } from '../../data/result';
import type { Value } from './reducers';

/** One metric in one context. */
export interface Measured {
  readonly id: string;
  readonly name: string;
  readonly context: Context;
  readonly contextText: string;
}

export function measuredAs(name: string, context: Context): Measured {
  const text = contextText(context);
  return { id: text ? `${name} ${text}` : name, name, context, contextText: text };
}

export const sorted = (measured: readonly Measured[]): Measured[] =>
  [...measured].sort((a, b) => (a.id < b.id ? -1 : 1));

/** What was recorded of some runs. */
export interface Recorded {
  readonly result: Pick<Result<Item>, 'paths' | 'items'>;
  readonly measured: readonly Measured[];
  /** Whether any run has a description. */
  readonly described: boolean;
  /** undefined where the run has no such metric: one that it has may well be NaN. */
  readonly valueAt: (run: string, id: string, value: Value) => number | undefined;
}
