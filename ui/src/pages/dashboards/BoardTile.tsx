/** A chart of a dashboard, its head, and what changes its place and size. */
import {
  memo,
  useCallback,
  useEffect,
  useRef,
  useState,
  type DragEvent,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { navigate } from '../../parts/address';
import { Boundary } from '../../parts/design/Boundary';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { Menu, type MenuItem } from '../../parts/design/Menu';
import { ContextDashes } from '../home/ContextDashes';
import type { ShownRuns } from '../home/WithRuns';
import { lacking, metricsOf, titleOf, type BoardChart } from './board';
import type { BoardCurves } from './boardCurves';
import { ChartBody } from './ChartBody';
import { ChartSettings, hasSettings } from './ChartSettings';
import { explorerAddress } from './explorerAddress';
import { ResizeHandle } from './ResizeHandle';
import { useChartView } from './useChartView';
import { useSeriesOf } from './useSeriesOf';

export type DropSide = 'before' | 'after';

export interface BoardEdits {
  readonly onChart: (item: BoardChart) => void;
  /** Places later, or earlier. */
  readonly onStep: (key: string, by: number) => void;
  readonly onResize: (item: BoardChart, width: number, height: number) => void;
  readonly onRemove: (key: string) => void;
  readonly onCopy: (key: string) => void;
  readonly onEdit: (item: BoardChart) => void;
  /** No other chart can be added. */
  readonly full: boolean;
  readonly dragged: string | null;
  readonly onDrag: (key: string | null) => void;
  readonly onDrop: (key: string, side: DropSide) => void;
}

interface BoardTileProps {
  item: BoardChart;
  /** Of the grid. */
  columns: number;
  /** In sight, or soon scrolled into it. */
  near: boolean;
  shown: ShownRuns;
  /** Ids of the drawn runs that are not hidden. */
  visible: readonly string[];
  curves: BoardCurves;
  /** Prefixes of the sources of runs. */
  sources: readonly string[];
  edits: BoardEdits | null;
  /** Shows a chart in place of all. */
  onEnlarge: (key: string) => void;
}

/** In a grid of two columns, a chart of more than half the width has both. */
const spanIn = (columns: number, width: number): number =>
  columns === 2 ? Math.ceil(width / 3) : Math.min(width, columns);

export const BoardTile = memo(function BoardTile(props: BoardTileProps): ReactNode {
  const { item, columns, near, shown, visible, curves, sources, edits, onEnlarge } = props;
  const { key, chart } = item;
  const tile = useRef<HTMLElement>(null);
  const [kept, setKept] = useChartView(chart);
  const [side, setSide] = useState<DropSide | null>(null);
  useEffect(() => {
    if (!near) return undefined;
    curves.see(key, chart);
    return () => curves.see(key, null);
  }, [curves, key, chart, near]);
  const title = titleOf(chart);
  const enlarge = useCallback(() => onEnlarge(key), [onEnlarge, key]);
  const sideOf = (event: DragEvent): DropSide => {
    const box = event.currentTarget.getBoundingClientRect();
    return event.clientX < box.left + box.width / 2 ? 'before' : 'after';
  };
  const target = edits !== null && edits.dragged !== null && edits.dragged !== key;
  const classes = [
    'chart wall-tile board-tile',
    edits?.dragged === key ? 'dragged' : '',
    target && side ? `drop-${side}` : '',
    chart.kind,
  ];
  return (
    <figure
      ref={tile}
      className={classes.filter(Boolean).join(' ')}
      aria-label={title}
      style={{ gridColumn: `span ${spanIn(columns, chart.width)}`, gridRow: `span ${chart.height}` }}
      onDragOver={(event) => {
        if (!target) return;
        event.preventDefault();
        setSide(sideOf(event));
      }}
      onDragLeave={() => setSide(null)}
      onDrop={(event) => {
        if (!target) return;
        event.preventDefault();
        setSide(null);
        edits.onDrop(key, sideOf(event));
      }}
    >
      <figcaption>
        <h2 title={title}>
          <button type="button" onClick={enlarge}>
            <bdi>{title}</bdi>
          </button>
        </h2>
        <span className="stretch" />
        {near && chart.kind === 'line' && <TileContexts item={item} curves={curves} />}
        <span className="tile-buttons">
          {edits && <MoveHandle title={title} itemKey={key} tile={tile} edits={edits} />}
          {edits && hasSettings(chart) && (
            <ChartSettings chart={chart} runs={visible} onChange={(next) => edits.onChart({ ...item, chart: next })} />
          )}
          {chart.kind !== 'number' && (
            <Button small icon="expand" aria-label={`Enlarge ${title}`} title="Enlarge" onClick={enlarge} />
          )}
          <TileMenu item={item} title={title} edits={edits} visible={visible} sources={sources} curves={curves} />
        </span>
      </figcaption>
      <Boundary resetOn={chart}>
        {near && (
          <ChartBody
            item={item}
            shown={shown}
            visible={visible}
            curves={curves}
            kept={kept}
            onKept={setKept}
            onEnlarge={enlarge}
            onChart={edits?.onChart ?? null}
          />
        )}
      </Boundary>
      {edits && columns > 1 && (
        <ResizeHandle item={item} title={title} tile={tile} columns={columns} onResize={edits.onResize} />
      )}
    </figure>
  );
});

function TileContexts({ item: { chart }, curves }: Pick<BoardTileProps, 'item' | 'curves'>): ReactNode {
  const { series } = useSeriesOf(curves.of(chart), metricsOf(chart));
  return <ContextDashes series={series ?? []} />;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

interface MoveHandleProps {
  title: string;
  itemKey: string;
  tile: React.RefObject<HTMLElement | null>;
  edits: BoardEdits;
}

function MoveHandle({ title, itemKey, tile, edits }: MoveHandleProps): ReactNode {
  const handle = useRef<HTMLButtonElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    edits.onStep(itemKey, step);
    // An element that is moved in the page loses the focus.
    requestAnimationFrame(() => handle.current?.focus());
  };
  return (
    <button
      ref={handle}
      type="button"
      className="board-move"
      draggable
      aria-label={`Move ${title}`}
      title="Drag, or press the arrow keys"
      onKeyDown={onKeyDown}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', title);
        if (tile.current) event.dataTransfer.setDragImage(tile.current, 20, 16);
        edits.onDrag(itemKey);
      }}
      onDragEnd={() => edits.onDrag(null)}
    >
      <Icon name="more" size={14} />
    </button>
  );
}

interface TileMenuProps {
  item: BoardChart;
  title: string;
  edits: BoardEdits | null;
  visible: readonly string[];
  sources: readonly string[];
  curves: BoardCurves;
}

function TileMenu({ item, title, edits, visible, sources, curves }: TileMenuProps): ReactNode {
  const { key, chart } = item;
  const { width, height } = chart;
  const explore = (): void => {
    const series = metricsOf(chart).flatMap((name) => curves.of(chart).of(name) ?? []);
    const address = explorerAddress(chart, visible, sources, series);
    if (address !== null) navigate(address);
  };
  const opens = hasSettings(chart) && visible.length > 0 && lacking(chart) === null;
  const open: readonly MenuItem[] = opens ? [{ label: 'Open in explorer', icon: 'expand', onSelect: explore }] : [];
  const change: readonly MenuItem[] = edits
    ? [
        { label: 'Edit…', icon: 'pencil', onSelect: () => edits.onEdit(item) },
        { label: 'Duplicate', icon: 'copy', disabled: edits.full, onSelect: () => edits.onCopy(key) },
        { label: 'Move earlier', icon: 'left', onSelect: () => edits.onStep(key, -1) },
        { label: 'Move later', icon: 'right', onSelect: () => edits.onStep(key, 1) },
        { label: 'Wider', icon: 'plus', onSelect: () => edits.onResize(item, width + 1, height) },
        { label: 'Narrower', icon: 'minus', onSelect: () => edits.onResize(item, width - 1, height) },
        { label: 'Taller', icon: 'down', onSelect: () => edits.onResize(item, width, height + 1) },
        { label: 'Shorter', icon: 'up', onSelect: () => edits.onResize(item, width, height - 1) },
        { label: 'Remove', icon: 'trash', onSelect: () => edits.onRemove(key) },
      ]
    : [];
  if (open.length + change.length === 0) return null;
  return <Menu small icon="more" aria-label={`More of ${title}`} label={title} end items={[...open, ...change]} />;
}
