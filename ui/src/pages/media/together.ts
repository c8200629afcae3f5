/** Which items of a cell share a tile, such as the curves of several runs. */
import type { MediaItem } from '../../data/cells';
import type { Group } from '../../explorer/grouping';

export interface TilesOfCells {
  /** One item for each tile. */
  readonly tiles: readonly MediaItem[];
  /** What is drawn in the tile of this item. */
  readonly matesOf: (item: MediaItem) => readonly MediaItem[];
}

export function tilesOfCells(
  items: readonly MediaItem[],
  sides: readonly (readonly Group<MediaItem>[])[],
  togetherOf: ((item: MediaItem) => string | null) | undefined,
): TilesOfCells {
  if (!togetherOf) return { tiles: items, matesOf: (item) => [item] };
  const places = sides.map(
    (groups) => new Map(groups.flatMap(({ items: own }, at) => own.map(({ key }) => [key, at] as const))),
  );
  const tiles = new Map<string, MediaItem[]>();
  for (const item of items) {
    const together = togetherOf(item);
    const cell = places.map((place) => place.get(item.key)).join(' ');
    const key = together === null ? `alone ${item.key}` : `${cell} ${together}`;
    const mates = tiles.get(key);
    if (mates) mates.push(item);
    else tiles.set(key, [item]);
  }
  const matesOf = new Map([...tiles.values()].flatMap((mates) => mates.slice(0, 1).map(({ key }) => [key, mates])));
  return {
    tiles: [...tiles.values()].flatMap((mates) => mates.slice(0, 1)),
    matesOf: (item) => matesOf.get(item.key) ?? [item],
  };
}
