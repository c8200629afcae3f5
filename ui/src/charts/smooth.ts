/**
 * Smoothing of one series that is here completely. Values that are not finite stay as they are and are ignored by
 * averages. `aim/query/smooth.py` does the same for series of which only some points are sent, and names the source of
 * the formula; `tests/query/smooth.json` has the cases of both.
 */
import type { Smoothing } from './types';

export function smooth(values: Float64Array, smoothing: Smoothing): Float64Array {
  if (!smooths(smoothing)) return values;
  return smoothing.kind === 'ema' ? ema(values, smoothing.amount) : movingAverage(values, smoothing.amount);
}

export function smooths({ kind, amount }: Smoothing): boolean {
  return (kind === 'ema' && amount > 0) || (kind === 'average' && amount > 1);
}

/** Exponential moving average with bias correction, so that the first value is unchanged. */
function ema(values: Float64Array, factor: number): Float64Array {
  const weight = Math.min(0.9999, Math.max(0, factor));
  const out = new Float64Array(values.length);
  let sum = 0;
  let correction = 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!Number.isFinite(value)) {
      out[i] = value;
      continue;
    }
    sum = sum * weight + value * (1 - weight);
    correction *= weight;
    out[i] = sum / (1 - correction);
  }
  return out;
}

/** Mean of the finite values in a window centered on each point; at the ends the window is as long as the data. */
function movingAverage(values: Float64Array, window: number): Float64Array {
  const half = Math.floor(Math.max(1, Math.round(window)) / 2);
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const here = values[i] ?? NaN;
    if (!Number.isFinite(here)) {
      out[i] = here;
      continue;
    }
    const end = Math.min(values.length, i + half + 1);
    let sum = 0;
    let count = 0;
    for (let j = Math.max(0, i - half); j < end; j++) {
      const value = values[j] ?? NaN;
      if (Number.isFinite(value)) {
        sum += value;
        count++;
      }
    }
    out[i] = sum / count;
  }
  return out;
}
