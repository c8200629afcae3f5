/** Numbers and contexts of one run's metrics, as the wire has them. */
import { textOf } from '../../data/result';

/** NaN and the infinities travel as words. */
export const numberOf = (value: number | string): number => Number(value);

/** The same words as `Series.contextText`. */
export const contextText = (context: Record<string, unknown>): string =>
  Object.keys(context)
    .sort()
    .map((key) => `${key}=${textOf(context[key])}`)
    .join(', ');
