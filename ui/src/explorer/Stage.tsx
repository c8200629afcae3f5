/** Charts with their legend beside them, and the edge between, which the pointer or arrow keys move. */
import { useMemo, useRef, type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { Item } from '../data/result';
import { longestOf } from '../text/lists';
import { groupName } from './groupNames';
import type { LineGroups } from './grouping';
import type { Change } from './view/store';
import { NARROWEST_LEGEND, WIDEST_LEGEND, type View } from './view/view';

interface StageProps {
  view: Pick<View, 'legendWidth'>;
  change: Change;
  /** Of the legend, whose names determine its standard width. */
  grouping: Pick<LineGroups<Item>, 'charts' | 'colors' | 'strokes'>;
  /** null: none is shown. */
  legend: ReactNode;
  children: ReactNode;
}

const STEP = 20;
/** About; the style sheet computes it from the names and the width of the window. */
const STANDARD = 220;
/** About the width of a character, and of what is beside a name. */
const CHARACTER = 7.6;
const BESIDE = 84;

export function Stage({ view, change, grouping, legend, children }: StageProps): ReactNode {
  const { legendWidth: width } = view;
  const names = useMemo(() => {
    const groups = [grouping.colors, grouping.strokes, grouping.charts].flat();
    return longestOf(groups.map(groupName)) * CHARACTER + BESIDE;
  }, [grouping]);
  const style = { '--legend-names': `${names}px`, ...(width !== null && { '--legend-width': `${width}px` }) };
  return (
    <div className={`stage ${legend ? 'with-legend' : ''}`} style={style as CSSProperties}>
      {children}
      {legend && (
        <div className="legend-place">
          <LegendEdge width={width} onMove={(legendWidth) => change({ legendWidth }, 'adjust')} />
          {legend}
        </div>
      )}
    </div>
  );
}

function LegendEdge({ width, onMove }: { width: number | null; onMove: (width: number | null) => void }): ReactNode {
  const edge = useRef<HTMLDivElement>(null);
  const place = (): DOMRect | undefined => edge.current?.parentElement?.getBoundingClientRect();
  const to = (pixels: number): void => onMove(Math.round(Math.min(WIDEST_LEGEND, Math.max(NARROWEST_LEGEND, pixels))));

  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    const box = place();
    if (box && event.currentTarget.hasPointerCapture(event.pointerId)) to(box.right - event.clientX);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const box = place();
    const more = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (more === undefined || !box) return;
    event.preventDefault();
    to(box.width + more);
  };

  return (
    <div
      ref={edge}
      className="legend-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the legend"
      aria-valuemin={NARROWEST_LEGEND}
      aria-valuemax={WIDEST_LEGEND}
      aria-valuenow={width ?? STANDARD}
      aria-valuetext={width === null ? 'Standard width' : `${width} pixels`}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onMove(null)}
    />
  );
}
