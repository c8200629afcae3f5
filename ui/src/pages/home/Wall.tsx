/** The charts of all metrics in sections; only those in sight exist. */
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { useViewport } from '../../parts/virtual';
import { countText } from '../../text/format';
import {
  CHART,
  columnsIn,
  GAP,
  HEAD,
  layoutOf,
  PINNED,
  shortName,
  visibleIn,
  type Section,
  type Visible,
} from './sections';
import { Tile } from './Tile';
import type { WallCurves } from './wallCurves';

type TilesProps = Omit<Parameters<typeof Tile>[0], 'name' | 'title' | 'pinned'>;

interface WallProps extends TilesProps {
  curves: WallCurves;
  sections: readonly Section[];
  isFolded: (key: string) => boolean;
  /** Null while no section can be folded. */
  onFold: ((key: string, folded: boolean) => void) | null;
  /** Covered: nothing is loaded. */
  covered: boolean;
}

/** Charts this far out of sight are ready when they come into it. */
const OVERSCAN = 240;

export function Wall({ sections, isFolded, onFold, covered, ...tile }: WallProps): ReactNode {
  const { curves, sync } = tile;
  const scroller = useRef<HTMLDivElement>(null);
  const { top, height, width } = useViewport(scroller);
  const columns = columnsIn(width - 2 * EDGE);
  const layout = useMemo(() => layoutOf(sections, isFolded, columns), [sections, isFolded, columns]);
  const visible = visibleIn(layout, top - OVERSCAN, top + height + OVERSCAN);
  const names = covered ? '' : visible.flatMap((section) => section.names).join('\n');
  useEffect(() => curves.see(names === '' ? [] : names.split('\n')), [curves, names]);
  useEffect(() => () => curves.see([]), [curves]);
  return (
    <div
      ref={scroller}
      className="wall-scroll"
      role="region"
      aria-label="Charts"
      tabIndex={-1}
      onScroll={() => sync.clear()}
    >
      <div className="wall" style={{ height: layout.height }}>
        {height > 0 &&
          visible.map((section) => (
            <SectionPart key={section.section.key} of={section} columns={columns} onFold={onFold} {...tile} />
          ))}
      </div>
    </div>
  );
}

const EDGE = 14;

function SectionPart({
  of: { section, folded, top, height, row, names },
  columns,
  onFold,
  ...tile
}: TilesProps & { of: Visible; columns: number; onFold: WallProps['onFold'] }): ReactNode {
  return (
    <section className="wall-section" aria-label={section.title} style={{ top, height }}>
      <h2 style={{ height: HEAD }}>
        <button
          type="button"
          aria-expanded={!folded}
          disabled={onFold === null}
          onClick={() => onFold?.(section.key, !folded)}
        >
          <Icon name={folded ? 'right' : 'down'} size={14} />
          <bdi>{section.title}</bdi>
          <span className="count">{countText(section.names.length)}</span>
        </button>
      </h2>
      {!folded && (
        <div
          className="wall-grid"
          style={{
            top: HEAD + row * (CHART + GAP),
            gap: GAP,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            gridAutoRows: CHART,
          }}
        >
          {names.map((name) => (
            <Tile
              key={name}
              name={name}
              title={section.key === PINNED ? name : shortName(name)}
              pinned={section.key === PINNED}
              {...tile}
            />
          ))}
        </div>
      )}
    </section>
  );
}
