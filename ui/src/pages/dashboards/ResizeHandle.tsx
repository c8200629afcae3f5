/** The corner of a chart: dragged, or moved by the arrow keys, to another number of columns and rows. */
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode, type RefObject } from 'react';
import { HIGHEST, WIDEST, type BoardChart } from './board';

/** Pixels of a row and between charts, as in dashboards.css. */
const ROW = 104;
const GAP = 10;

interface ResizeHandleProps {
  item: BoardChart;
  title: string;
  tile: RefObject<HTMLElement | null>;
  columns: number;
  onResize: (item: BoardChart, width: number, height: number) => void;
}

const KEYS: Readonly<Record<string, readonly [width: number, height: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function ResizeHandle({ item, title, tile, columns, onResize }: ResizeHandleProps): ReactNode {
  const start = useRef<{ x: number; y: number; column: number } | null>(null);
  const { width, height } = item.chart;
  const sizeAt = (event: PointerEvent): readonly [number, number] => {
    if (!start.current) return [width, height];
    const { x, y, column } = start.current;
    const wide = width + Math.round(((event.clientX - x) / column) * (WIDEST / columns));
    const high = height + Math.round((event.clientY - y) / (ROW + GAP));
    return [Math.max(1, Math.min(WIDEST, wide)), Math.max(1, Math.min(HIGHEST, high))];
  };
  const preview = (size: readonly [number, number] | null): void => {
    const element = tile.current;
    if (!element) return;
    const { style } = element;
    const [wide, high] = size ?? [width, height];
    style.gridColumn = `span ${columns === 2 ? Math.ceil(wide / 3) : Math.min(wide, columns)}`;
    style.gridRow = `span ${high}`;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = KEYS[event.key];
    if (!by) return;
    event.preventDefault();
    onResize(item, width + by[0], height + by[1]);
  };
  return (
    <button
      type="button"
      className="board-resize"
      aria-label={`Resize ${title}`}
      title="Drag, or press the arrow keys"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        const grid = tile.current?.parentElement?.clientWidth ?? 0;
        start.current = { x: event.clientX, y: event.clientY, column: (grid + GAP) / columns };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => start.current && preview(sizeAt(event))}
      onPointerUp={(event) => {
        const [wide, high] = sizeAt(event);
        start.current = null;
        if (wide !== width || high !== height) onResize(item, wide, high);
      }}
      onPointerCancel={() => {
        start.current = null;
        preview(null);
      }}
    />
  );
}
