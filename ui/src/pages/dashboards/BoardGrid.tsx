/** The charts of a dashboard in a grid of six columns, fewer where there is less room. */
import { useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { useSteady } from '../../parts/useSteady';
import { useViewport } from '../../parts/virtual';
import { WIDEST, type BoardChart } from './board';
import { BoardTile } from './BoardTile';

interface BoardGridProps extends Omit<Parameters<typeof BoardTile>[0], 'item' | 'columns' | 'near'> {
  scroller: RefObject<HTMLDivElement | null>;
  charts: readonly BoardChart[];
  /** Stands where there are no charts. */
  empty: ReactNode;
}

/** A grid of this width has six columns, or two; below there is one. */
const WIDE = 860;
const TWO = 540;
const columnsIn = (width: number): number => (width >= WIDE ? WIDEST : width >= TWO ? 2 : 1);

export function BoardGrid({ scroller, charts, empty, ...tile }: BoardGridProps): ReactNode {
  const grid = useRef<HTMLDivElement>(null);
  const { top, height, width } = useViewport(scroller);
  const columns = columnsIn(width);
  const near = useNearTiles(grid, charts, columns, { top, height });
  return (
    <div
      ref={scroller}
      className="wall-scroll"
      role="region"
      aria-label="Charts"
      tabIndex={-1}
      onScroll={() => tile.curves.clear()}
    >
      {charts.length === 0 ? (
        empty
      ) : (
        <div ref={grid} className="board-grid" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
          {width > 0 &&
            charts.map((item) => (
              <BoardTile key={item.key} item={item} columns={columns} near={near.includes(item.key)} {...tile} />
            ))}
        </div>
      )}
    </div>
  );
}

/** Charts this far out of sight are ready when they come into it. */
const SOON = 240;

interface TilePlace {
  readonly top: number;
  readonly bottom: number;
}

/** The keys of the charts in sight or near it, in the frame that shows them. */
function useNearTiles(
  grid: RefObject<HTMLElement | null>,
  charts: readonly BoardChart[],
  columns: number,
  { top, height }: { top: number; height: number },
): readonly string[] {
  const [places, setPlaces] = useState<readonly TilePlace[]>([]);
  const there = height > 0;
  useLayoutEffect(() => {
    const tiles = [...(grid.current?.children ?? [])].filter((tile) => tile instanceof HTMLElement);
    const above = grid.current?.offsetTop ?? 0;
    setPlaces(
      tiles.map(({ offsetTop, offsetHeight }) => ({
        top: offsetTop - above,
        bottom: offsetTop - above + offsetHeight,
      })),
    );
  }, [grid, charts, columns, there]);
  const isNear = ({ top: start, bottom }: TilePlace): boolean => bottom > top - SOON && start < top + height + SOON;
  return useSteady(
    charts.flatMap(({ key }, at) => {
      const place = places[at];
      return place && isNear(place) ? [key] : [];
    }),
  );
}
