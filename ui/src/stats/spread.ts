/** One number for many: center and spread of finite values. */

export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length ? sum / values.length : NaN;
}

export function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Mean of what is left when a quarter of the values, rounded down, is cut from each end. */
export function interquartileMeanOf(sorted: Float64Array): number {
  const cut = Math.floor(sorted.length / 4);
  return meanOf(sorted.subarray(cut, sorted.length - cut));
}
