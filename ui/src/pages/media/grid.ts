/** Where each tile of a grid of groups is: rows of groups below each other, columns beside each other, tiles in cells. */
import { itemAt } from '../../text/lists';
import type { MediaItem } from '../../data/cells';
import type { Group } from '../../explorer/grouping';
import type { VisibleRange } from '../../parts/virtual';

/** So many tiles of a cell stand beside each other where there are several columns. */
const ACROSS = 4;
const GAP = 10;

export interface TileSize {
  readonly width: number;
  readonly height: number;
}

export interface MediaGrid {
  readonly rows: readonly Group<MediaItem>[];
  readonly columns: readonly Group<MediaItem>[];
  /** Where row i begins; the last edge is the height of all. */
  readonly rowEdges: readonly number[];
  readonly columnEdges: readonly number[];
  /** The pixels of a row above its tiles. */
  readonly head: number;
  readonly tile: TileSize;
  /** How many tiles of each column stand beside each other. */
  readonly across: readonly number[];
  /** By row, then by column. */
  readonly cells: readonly ReadonlyMap<number, readonly MediaItem[]>[];
}

/** A tile in sight: the item, its place, and what stays the same when another item takes the place. */
export interface PlacedTile {
  readonly item: MediaItem;
  readonly slot: string;
  readonly left: number;
  readonly top: number;
}

interface GridOptions {
  readonly tile: TileSize;
  readonly head: number;
  readonly width: number;
}

const placesOf = (groups: readonly Group<MediaItem>[]): Map<string, number> =>
  new Map(groups.flatMap(({ items }, at) => items.map(({ key }) => [key, at] as const)));

export function gridOf(
  items: readonly MediaItem[],
  rows: readonly Group<MediaItem>[],
  columns: readonly Group<MediaItem>[],
  { tile, head, width }: GridOptions,
): MediaGrid {
  const [rowOf, columnOf] = [placesOf(rows), placesOf(columns)];
  const cells = rows.map(() => new Map<number, MediaItem[]>());
  const most = columns.map(() => 1);
  for (const item of items) {
    const column = columnOf.get(item.key) ?? 0;
    const row = itemAt(cells, rowOf.get(item.key) ?? 0);
    const cell = row.get(column);
    if (cell) cell.push(item);
    else row.set(column, [item]);
    most[column] = Math.max(most[column] ?? 1, row.get(column)?.length ?? 1);
  }
  const fitting = Math.max(1, Math.floor((width - GAP) / tile.width));
  const across = most.map((count) => Math.min(count, columns.length === 1 ? fitting : Math.min(ACROSS, fitting)));
  const lines = cells.map((row) =>
    [...row].reduce((high, [column, cell]) => Math.max(high, Math.ceil(cell.length / itemAt(across, column))), 0),
  );
  return {
    rows,
    columns,
    rowEdges: edgesOf(lines.map((count) => head + count * tile.height + GAP)),
    columnEdges: edgesOf(across.map((count) => count * tile.width + GAP)),
    head,
    tile,
    across,
    cells,
  };
}

function edgesOf(sizes: readonly number[]): number[] {
  const edges = [0];
  for (const size of sizes) edges.push(itemAt(edges, edges.length - 1) + size);
  return edges;
}

/** The tracks that are at least partly between two places. */
export function tracksBetween(edges: readonly number[], from: number, to: number): VisibleRange {
  const first = Math.max(0, firstAbove(edges, from) - 1);
  const end = Math.min(edges.length - 1, firstAtLeast(edges, to));
  return [Math.min(first, end), end];
}

function searched(edges: readonly number[], reached: (edge: number) => boolean): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(itemAt(edges, middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

const firstAbove = (edges: readonly number[], place: number): number => searched(edges, (edge) => edge > place);
const firstAtLeast = (edges: readonly number[], place: number): number => searched(edges, (edge) => edge >= place);

/** The tiles that are in a window of the grid. */
export function tilesIn(
  grid: MediaGrid,
  rows: VisibleRange,
  columns: VisibleRange,
  from: number,
  to: number,
): PlacedTile[] {
  const { tile, head, rowEdges, columnEdges, across, cells } = grid;
  const placed: PlacedTile[] = [];
  for (let row = rows[0]; row < rows[1]; row += 1) {
    const top = itemAt(rowEdges, row) + head;
    for (let column = columns[0]; column < columns[1]; column += 1) {
      const cell = cells[row]?.get(column);
      if (!cell) continue;
      const beside = itemAt(across, column);
      const first = Math.max(0, Math.floor((from - top) / tile.height)) * beside;
      const end = Math.min(cell.length, Math.max(0, Math.ceil((to - top) / tile.height)) * beside);
      for (let at = first; at < end; at += 1)
        placed.push({
          item: itemAt(cell, at),
          slot: `${row} ${column} ${at}`,
          left: itemAt(columnEdges, column) + (at % beside) * tile.width,
          top: top + Math.floor(at / beside) * tile.height,
        });
    }
  }
  return placed;
}

/** All items row by row, as they are read. */
export const inOrder = ({ cells, columns }: MediaGrid): MediaItem[] =>
  cells.flatMap((row) => columns.flatMap((_, column) => row.get(column) ?? []));
