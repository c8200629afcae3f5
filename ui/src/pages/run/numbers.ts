/** Converts the numbers of a run's metrics from the wire. */

/** NaN and infinities are sent as words. */
export const numberOf = (value: number | string): number => Number(value);
