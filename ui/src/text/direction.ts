/** Which values of a metric are better, as its name says; the server goes by the same words. */
import { FALLING, RISING } from '../aimql';

export type Direction = 'min' | 'max';
/** The direction of each metric by its name. */
export type DirectionOf = (name: string) => Direction;

const rising = new RegExp(RISING, 'i');
const falling = new RegExp(FALLING, 'i');

export const guessed = (name: string): Direction => (rising.test(name) && !falling.test(name) ? 'max' : 'min');

/** Whether the name of a metric says how well a run does. */
export const isTelling = (name: string): boolean => rising.test(name) || falling.test(name);

/** Whether a value is better than another one. NaN and infinity are worse than any number. */
export const isBetter = (value: number, other: number, direction: Direction): boolean =>
  Number.isFinite(value) && (!Number.isFinite(other) || (direction === 'min' ? value < other : value > other));

/** The min or max of a series as its best value: none if it is infinite, which is an overflow. */
export const bestValue = (extreme: number): number => (Number.isFinite(extreme) ? extreme : NaN);
