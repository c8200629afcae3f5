/** Metrics by name and context, and the data of tables and charts of runs. */
import { contextText, type Context, type Item, type Result } from '../../data/result';
import type { RunTraits } from '../../explorer/columns';
import type { RecordedValue } from './reducers';

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

export const sortedMetrics = (measured: readonly Measured[]): Measured[] =>
  [...measured].sort((a, b) => (a.id < b.id ? -1 : 1));

/** The recorded data of some runs. */
export interface Recorded {
  readonly result: Pick<Result<Item>, 'paths' | 'items'>;
  readonly measured: readonly Measured[];
  readonly traits: RunTraits;
  /** Undefined if the run has no such metric; a recorded value may be NaN. */
  readonly valueAt: (run: string, id: string, value: RecordedValue) => number | undefined;
}
