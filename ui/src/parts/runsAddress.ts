import { href } from './address';

/** The runs for which an expression holds. */
export const runsAddress = (q: string): string => href('runs', { q });
