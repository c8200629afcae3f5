/** The grid of tiles. Only what is in sight is in the page, whatever the number of tiles. */
import { memo, useRef, type ComponentType, type ReactNode } from 'react';
import type { MediaItem } from '../../data/cells';
import { groupName, wholeName } from '../../explorer/groupNames';
import { itemAt } from '../../text/lists';
import { useViewport, type Viewport } from '../../parts/virtual';
import { Checkbox } from '../../parts/design/controls';
import { tilesIn, tracksBetween, type MediaGrid, type TileSize } from './grid';
import type { TileLook, KindTileProps } from './kindRow';

/** Pixels around the window where media are loaded ahead. */
const AHEAD = 320;
export const LABEL = 20;
export const ROW_HEAD = 30;
export const TILE_GAP = 8;

interface GridViewProps {
  /** What is in the grid. */
  label: string;
  Tile: ComponentType<KindTileProps>;
  gridFor: (width: number) => MediaGrid;
  columnsNamed: boolean;
  look: TileLook;
  chosen: readonly string[];
  /** null: they cannot be chosen. */
  onChoose: ((item: MediaItem, on: boolean) => void) | null;
  onOpen: (item: MediaItem) => void;
}

export function MediaGridView({ label, gridFor, columnsNamed, ...rest }: GridViewProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const viewport = useViewport(scroller);
  const grid = viewport.width > 0 ? gridFor(viewport.width) : null;
  return (
    <div ref={scroller} className="media-scroll" tabIndex={0} role="region" aria-label={label}>
      {grid && (
        <>
          {columnsNamed && <ColumnHeads grid={grid} viewport={viewport} />}
          <InSight grid={grid} viewport={viewport} {...rest} />
        </>
      )}
    </div>
  );
}

function ColumnHeads({ grid, viewport }: { grid: MediaGrid; viewport: Viewport }): ReactNode {
  const { columnEdges, columns } = grid;
  const [first, end] = tracksBetween(columnEdges, viewport.left - AHEAD, viewport.left + viewport.width + AHEAD);
  return (
    <div className="media-heads" style={{ width: itemAt(columnEdges, columns.length) }}>
      {columns.slice(first, end).map((group, i) => {
        const [left, right] = [itemAt(columnEdges, first + i), itemAt(columnEdges, first + i + 1)];
        return (
          <span key={group.key} style={{ left, width: right - left - TILE_GAP }} title={wholeName(group)}>
            <bdi>{groupName(group)}</bdi>
          </span>
        );
      })}
    </div>
  );
}

function InSight({
  grid,
  viewport,
  ...rest
}: { grid: MediaGrid; viewport: Viewport } & Pick<
  GridViewProps,
  'Tile' | 'look' | 'chosen' | 'onChoose' | 'onOpen'
>): ReactNode {
  const { rows, columns, rowEdges, columnEdges, head, tile } = grid;
  const [from, to] = [viewport.top - AHEAD, viewport.top + viewport.height + AHEAD];
  const rowRange = tracksBetween(rowEdges, from, to);
  const columnRange = tracksBetween(columnEdges, viewport.left - AHEAD, viewport.left + viewport.width + AHEAD);
  const tiles = tilesIn(grid, rowRange, columnRange, from, to);
  return (
    <div
      className="media-plane"
      style={{ width: itemAt(columnEdges, columns.length), height: itemAt(rowEdges, rows.length) }}
    >
      {head > 0 &&
        rows.slice(...rowRange).map((group, i) => (
          <div key={group.key} className="media-row-head" style={{ top: itemAt(rowEdges, rowRange[0] + i) }}>
            <h2 title={wholeName(group)} style={{ maxWidth: viewport.width - 24 }}>
              <bdi>{groupName(group)}</bdi>
            </h2>
          </div>
        ))}
      {tiles.map(({ item, slot, left, top }) => (
        <MediaTile
          key={slot}
          item={item}
          left={left}
          top={top}
          tile={tile}
          Tile={rest.Tile}
          look={rest.look}
          chosen={rest.chosen.includes(item.key)}
          onChoose={rest.onChoose}
          onOpen={rest.onOpen}
        />
      ))}
    </div>
  );
}

interface MediaTileProps extends Pick<GridViewProps, 'Tile' | 'look' | 'onChoose' | 'onOpen'> {
  item: MediaItem;
  left: number;
  top: number;
  tile: TileSize;
  chosen: boolean;
}

const MediaTile = memo(function MediaTile({
  item,
  left,
  top,
  tile,
  Tile,
  look,
  chosen,
  onChoose,
  onOpen,
}: MediaTileProps): ReactNode {
  const { labelOf, titleOf, labeled } = look;
  const [width, height] = [tile.width - TILE_GAP, tile.height - TILE_GAP];
  const [label, title] = [labelOf(item), titleOf(item)];
  return (
    <div className={`media-tile ${chosen ? 'chosen' : ''}`} style={{ left, top, width, height }}>
      <Tile
        item={item}
        width={width}
        height={labeled ? height - LABEL : height}
        title={title}
        look={look}
        onOpen={onOpen}
      />
      {onChoose && (
        <span className="media-choose">
          <Checkbox checked={chosen} label={`Choose ${title}`} onChange={(on) => onChoose(item, on)} />
        </span>
      )}
      {labeled && (
        <p className="media-label">
          <bdi>{label}</bdi>
        </p>
      )}
    </div>
  );
});
