import { href } from './address';

/** The address of the runs for which an expression holds. */
export const runsAddress = (q: string): string => href('runs', { q });
