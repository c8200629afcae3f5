/** The color or dash of a group: by its place in the order, or by its values alone, so that it is the same in every query. */
import { colorFor, dashes, eight, stableIndex, twentyFour, type Palette } from '../charts';
import type { Theme } from '../parts/design/theme';
import type { View } from './view/view';
import type { Item } from '../data/result';
import type { Group } from './grouping';

export function paletteOf(chosen: View['palette'], groups: number, kept: boolean): Palette {
  if (chosen === 'eight') return eight;
  if (chosen === 'many') return twentyFour;
  // The color of a value must not depend on the number of others.
  return kept || groups > eight.light.length ? twentyFour : eight;
}

/** The index of each group in a palette of `count`. */
export function placesOf(groups: readonly Pick<Group, 'key'>[], count: number, kept: boolean, seed: number): number[] {
  return kept ? keptPlaces(groups, count, seed) : groups.map((_, at) => at);
}

/** By the values alone. Of two groups with the same place the later one has the next free one, if there is one. */
function keptPlaces(groups: readonly Pick<Group, 'key'>[], count: number, seed: number): number[] {
  const taken = new Set<number>();
  return groups.map(({ key }) => {
    const wanted = stableIndex(`${seed}\n${key}`, count);
    let place = wanted;
    while (taken.size < count && taken.has(place)) place = (place + 1) % count;
    taken.add(place);
    return place;
  });
}

/** Runs that began one after the other have different colors, however few of them are here. */
export const placesOfRuns = (groups: readonly Group<Item>[], count: number, seed: number): number[] =>
  groups.map(({ items: [{ run }] }) => (run.position + seed) % count);

/** The color that a run has on every page, unless the view of a page says otherwise. */
export const colorOfRun = ({ position }: { readonly position: number }, theme: Theme): string =>
  colorFor(position, theme, twentyFour);

/** Whether each run is a color of its own. */
export const isByRun = (fields: readonly string[]): boolean => fields.length === 1 && fields[0] === 'run.hash';

export const DASHES = dashes.length;
