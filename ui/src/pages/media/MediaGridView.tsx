/** The grid of pictures. Only what is in sight is in the page, whatever the number of pictures. */
import { memo, useRef, type ReactNode } from 'react';
import type { MediaItem } from '../../data/cells';
import { groupName, wholeName } from '../../explorer/groupNames';
import { itemAt } from '../../text/lists';
import { useViewport, type Viewport } from '../../parts/virtual';
import { Checkbox } from '../../parts/design/controls';
import { tilesIn, tracksBetween, type MediaGrid, type TileSize } from './grid';
import type { PictureFit, PixelLook } from './mediaAddress';
import { Thumbnail } from './Thumbnail';

/** Pixels around the window where pictures are loaded ahead. */
const AHEAD = 320;
export const LABEL = 20;
export const ROW_HEAD = 30;
export const TILE_GAP = 8;

export interface TileLook {
  readonly fit: PictureFit;
  readonly pixels: PixelLook;
  readonly labelOf: (item: MediaItem) => string;
  readonly titleOf: (item: MediaItem) => string;
  readonly labeled: boolean;
}

interface GridViewProps {
  gridFor: (width: number) => MediaGrid;
  columnsNamed: boolean;
  look: TileLook;
  chosen: readonly string[];
  onChoose: (item: MediaItem, on: boolean) => void;
  onOpen: (item: MediaItem) => void;
}

export function MediaGridView({ gridFor, columnsNamed, look, chosen, onChoose, onOpen }: GridViewProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const viewport = useViewport(scroller);
  const grid = viewport.width > 0 ? gridFor(viewport.width) : null;
  return (
    <div ref={scroller} className="media-scroll" tabIndex={0} role="region" aria-label="Pictures">
      {grid && (
        <>
          {columnsNamed && <ColumnHeads grid={grid} viewport={viewport} />}
          <InSight grid={grid} viewport={viewport} look={look} chosen={chosen} onChoose={onChoose} onOpen={onOpen} />
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
  'look' | 'chosen' | 'onChoose' | 'onOpen'
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
        <PictureTile
          key={slot}
          item={item}
          left={left}
          top={top}
          tile={tile}
          look={rest.look}
          chosen={rest.chosen.includes(item.key)}
          onChoose={rest.onChoose}
          onOpen={rest.onOpen}
        />
      ))}
    </div>
  );
}

interface PictureTileProps extends Pick<GridViewProps, 'look' | 'onChoose' | 'onOpen'> {
  item: MediaItem;
  left: number;
  top: number;
  tile: TileSize;
  chosen: boolean;
}

const PictureTile = memo(function PictureTile({
  item,
  left,
  top,
  tile,
  look,
  chosen,
  onChoose,
  onOpen,
}: PictureTileProps): ReactNode {
  const { fit, pixels, labelOf, titleOf, labeled } = look;
  const [width, height] = [tile.width - TILE_GAP, tile.height - TILE_GAP];
  const [label, title] = [labelOf(item), titleOf(item)];
  return (
    <div className={`media-tile ${chosen ? 'chosen' : ''}`} style={{ left, top, width, height }}>
      <button
        type="button"
        className="media-picture"
        title={title}
        style={{ height: labeled ? height - LABEL : height }}
        onClick={() => onOpen(item)}
      >
        <Thumbnail
          item={item}
          label={title}
          width={width}
          height={labeled ? height - LABEL : height}
          fit={fit}
          pixels={pixels}
        />
      </button>
      <span className="media-choose">
        <Checkbox checked={chosen} label={`Choose ${title}`} onChange={(on) => onChoose(item, on)} />
      </span>
      {labeled && (
        <p className="media-label">
          <bdi>{label}</bdi>
        </p>
      )}
    </div>
  );
});
