/** Numbers of one run's metrics, as the wire has them. */

/** NaN and the infinities travel as words. */
export const numberOf = (value: number | string): number => Number(value);
