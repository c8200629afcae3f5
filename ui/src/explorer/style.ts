/** The color or dash of a group: by its place in the order, or by its values alone, so that it is the same in every query. */
import { dashes, eight, stableIndex, twentyFour, type Palette } from '../charts';
import type { View } from './view/view';
import type { Group } from './grouping';

export function paletteOf(chosen: View['palette'], groups: number, kept: boolean): Palette {
  if (chosen === 'eight') return eight;
  if (chosen === 'many') return twentyFour;
  // The color of a value must not depend on the number of others.
  return kept || groups > eight.light.length ? twentyFour : eight;
}

/** The index of each group in a palette of `count`. */
export function placesOf(groups: readonly Pick<Group, 'key'>[], count: number, kept: boolean, seed: number): number[] {
  return groups.map(({ key }, at) => (kept ? stableIndex(`${seed}\n${key}`, count) : at));
}

export const DASHES = dashes.length;
