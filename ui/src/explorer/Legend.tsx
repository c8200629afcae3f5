/** The meaning of colors and strokes. A click hides a group's lines, a double click shows only them. */
import { useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { Item } from '../data/result';
import type { Channel } from './view/view';
import { countText } from '../text/format';
import type { Highlight, Target } from './highlight';
import { toldFields, groupName, wholeName } from './groupNames';
import type { Group, LineGroups } from './grouping';
import type { Marker } from './lines';
import { Swatch } from './Swatch';
import { Middle } from '../parts/Middle';
import { areSettings, tailOf, valuesAlone } from '../text/apart';
import { rowsIn, useViewport } from '../parts/virtual';
import { groupShown, groupToken, hideAll, hidesCharts, type Hiding, revealed, toggle, toggleSolo } from './visibility';

interface LegendProps {
  grouping: LineGroups<Item>;
  by: { [C in Channel]: readonly string[] };
  hiding: Hiding;
  onChange: (hiding: Hiding) => void;
  /** The style of a group; a chart has none. */
  markerOf: (channel: Channel, at: number) => Marker | null;
  highlight: Highlight;
  /** The keys of the drawn items. */
  shown: ReadonlySet<string>;
}

const ITEM = 26;

export function Legend({ grouping, by, hiding, onChange, markerOf, highlight, shown }: LegendProps): ReactNode {
  const sections: [Channel, string, readonly Group<Item>[]][] = [
    ['color', 'Color', grouping.colors],
    ['stroke', 'Stroke', grouping.strokes],
    ['chart', 'Chart', grouping.charts],
  ];
  return (
    <aside className="legend" aria-label="Legend">
      {sections
        .filter(([channel, , groups]) => by[channel].length > 0 && (channel === 'color' || groups.length > 1))
        .map(([channel, title, groups]) => (
          <section key={channel} className="legend-section">
            <h2>
              {title}{' '}
              <span>
                <bdi>{toldFields(groups).join(', ')}</bdi>
              </span>{' '}
              <span className="count">{countText(groups.length)}</span>
            </h2>
            <LegendList
              channel={channel}
              groups={groups}
              hiding={hiding}
              onChange={onChange}
              markerOf={markerOf}
              highlight={highlight}
              shown={shown}
            />
          </section>
        ))}
      {hiding.hidden.length > 0 || hiding.solo !== null ? (
        <button type="button" className="legend-all" onClick={() => onChange({ hidden: [], solo: null })}>
          Show all lines
        </button>
      ) : (
        <button type="button" className="legend-all roomy" onClick={() => onChange(hideAll(grouping))}>
          Hide all lines
        </button>
      )}
    </aside>
  );
}

function LegendList({
  channel,
  groups,
  hiding,
  onChange,
  markerOf,
  highlight,
  shown,
}: Omit<LegendProps, 'grouping' | 'by'> & { channel: Channel; groups: readonly Group<Item>[] }): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const before = useRef({ hiding, none: false });
  const { tail, settings } = useMemo(() => {
    const names = groups.map(groupName);
    return { tail: tailOf(names), settings: areSettings(names) };
  }, [groups]);
  const viewport = useViewport(scroller);
  const [first, end] = rowsIn(viewport.top, viewport.height, ITEM, groups.length);

  /** A double click shows alone what its first click has hidden or shown. */
  const press = (token: string, twice: boolean): void => {
    if (!twice) before.current = { hiding, none: shown.size === 0 && hidesCharts(hiding) };
    const { hiding: first, none } = before.current;
    if (none && groupShown(first, token)) onChange(revealed(first, token));
    else onChange(twice ? toggleSolo(first, token) : toggle(hiding, token));
  };

  const onKeyDown = (event: KeyboardEvent, token: string): void => {
    if (event.key === 's') onChange(toggleSolo(hiding, token));
  };

  return (
    <div ref={scroller} className="legend-scroll" tabIndex={-1}>
      <ul className="legend-list" style={{ height: groups.length * ITEM }}>
        {groups.slice(first, end).map((group, at) => {
          const token = groupToken(channel, group);
          const name = groupName(group);
          const on = groupShown(hiding, token);
          const marker = markerOf(channel, first + at);
          return (
            <li
              key={group.key}
              className={`legend-item ${group.items.some(({ key }) => shown.has(key)) ? '' : 'dimmed'}`}
              onPointerEnter={() => highlight.set(runOf(group))}
              onPointerLeave={() => highlight.set(null)}
              style={{ top: (first + at) * ITEM, height: ITEM }}
            >
              <button
                type="button"
                aria-pressed={on}
                title={`${wholeName(group)}\nClick hides or shows, double click (or S) shows alone`}
                onClick={(event) => press(token, event.detail === 2)}
                onKeyDown={(event) => onKeyDown(event, token)}
              >
                {marker && <Swatch {...marker} />}
                <span className="legend-label">
                  <Middle text={name} tail={tail} narrow={settings ? valuesAlone(name) : undefined} />
                </span>
                {group.items.length > 1 && <span className="count">{countText(group.items.length)}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** A group that is one run highlights that run in the charts. */
function runOf({ items }: Group<Item>): Target | null {
  const [first] = items;
  return items.every(({ run }) => run.id === first.run.id) ? first : null;
}
