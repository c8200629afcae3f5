/** The charts of a dashboard in a grid of six columns, fewer where there is less room. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useSource } from '../../data/source';
import { Button } from '../../parts/design/controls';
import { Notice } from '../../parts/states';
import { useFrame, useNews } from '../../parts/useFrame';
import { useSteady } from '../../parts/useSteady';
import { useViewport } from '../../parts/virtual';
import { plural } from '../../text/format';
import { useMetrics } from '../home/useRuns';
import type { ShownRuns } from '../home/WithRuns';
import { MOST_CHARTS, moved, newChart, newKey, resized, titleOf, WIDEST, type BoardChart } from './board';
import { BoardCurves } from './boardCurves';
import { BoardTile, type DropSide } from './BoardTile';
import { BoardTips } from './BoardTips';
import { ChartDialog } from './ChartDialog';

interface BoardChartsProps {
  shown: ShownRuns;
  charts: readonly BoardChart[];
  /** Null where nothing can be changed. */
  onChange: ((charts: readonly BoardChart[]) => void) | null;
}

/** A grid of this width has six columns, or two; below there is one. */
const WIDE = 860;
const TWO = 540;
const columnsIn = (width: number): number => (width >= WIDE ? WIDEST : width >= TWO ? 2 : 1);

export function BoardCharts({ shown, charts, onChange }: BoardChartsProps): ReactNode {
  const { drawn, look, highlight, beside } = shown;
  const { hidden } = look;
  const visible = useSteady(useMemo(() => drawn.filter((id) => !hidden.has(id)), [drawn, hidden]));
  const names = useMetrics(drawn, '').names;
  const curves = useCurves(drawn, names?.sources ?? null, highlight);
  const scroller = useRef<HTMLDivElement>(null);
  const { width } = useViewport(scroller);
  const columns = columnsIn(width);
  const [dialog, setDialog] = useState<BoardChart | 'new' | null>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [said, say] = useState('');
  const latest = useRef({ charts, onChange });
  useEffect(() => {
    latest.current = { charts, onChange };
  });
  const placeOf = (key: string): number => latest.current.charts.findIndex((item) => item.key === key);
  const edit = useCallback((change: (charts: readonly BoardChart[]) => readonly BoardChart[]): void => {
    latest.current.onChange?.(change(latest.current.charts));
  }, []);
  const onChart = useCallback(
    (next: BoardChart) => edit((all) => all.map((item) => (item.key === next.key ? next : item))),
    [edit],
  );
  const onMove = useCallback(
    (key: string, to: number) => {
      const from = placeOf(key);
      const { length } = latest.current.charts;
      if (from < 0 || to < 0 || to >= length) return;
      edit((all) => moved(all, from, to));
      say(`Chart ${to + 1} of ${length}`);
    },
    [edit],
  );
  const onStep = useCallback((key: string, by: number) => onMove(key, placeOf(key) + by), [onMove]);
  const onResize = useCallback(
    (item: BoardChart, width: number, height: number) => {
      const chart = resized(item.chart, width, height);
      onChart({ ...item, chart });
      say(`${plural(chart.width, 'column')}, ${plural(chart.height, 'row')}`);
    },
    [onChart],
  );
  const onRemove = useCallback(
    (key: string) => {
      edit((all) => all.filter((item) => item.key !== key));
      say('Removed. Undo brings it back.');
      scroller.current?.focus();
    },
    [edit],
  );
  const onCopy = useCallback(
    (key: string) =>
      edit((all) => all.flatMap((item) => (item.key === key ? [item, { ...item, key: newKey() }] : [item]))),
    [edit],
  );
  const onDrop = useCallback(
    (key: string, side: DropSide) => {
      if (dragged === null || dragged === key) return;
      const [from, over] = [placeOf(dragged), placeOf(key)];
      const place = side === 'before' ? over : over + 1;
      onMove(dragged, from < place ? place - 1 : place);
    },
    [dragged, onMove],
  );
  const full = charts.length >= MOST_CHARTS;
  return (
    <div className="wall-side">
      <div className="wall-side-inner">
        <div className="toolbar wall-tools" role="toolbar" aria-label="Charts">
          <span className="wall-list-button">{beside}</span>
          <span className="count">{plural(charts.length, 'chart')}</span>
          <span className="stretch" />
          {onChange && (
            <Button
              look="outline"
              icon="plus"
              disabled={full}
              title={full ? `A dashboard has at most ${MOST_CHARTS} charts` : undefined}
              onClick={() => setDialog('new')}
            >
              Add chart
            </Button>
          )}
        </div>
        <div
          ref={scroller}
          className="wall-scroll"
          role="region"
          aria-label="Charts"
          tabIndex={-1}
          onScroll={() => curves.clear()}
        >
          {charts.length === 0 ? (
            <Notice icon="columns" title="No charts yet">
              <p>{onChange ? 'Add one for each question that this dashboard answers.' : 'This dashboard is empty.'}</p>
            </Notice>
          ) : (
            <div className="board-grid" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
              {width > 0 &&
                charts.map((item) => (
                  <BoardTile
                    key={item.key}
                    item={item}
                    columns={columns}
                    shown={shown}
                    visible={visible}
                    curves={curves}
                    names={names}
                    edits={
                      onChange && {
                        onChart,
                        onStep,
                        onResize,
                        onRemove,
                        onCopy,
                        onEdit: setDialog,
                        full,
                        dragged,
                        onDrag: setDragged,
                        onDrop,
                      }
                    }
                  />
                ))}
            </div>
          )}
        </div>
      </div>
      <span className="hidden-text" role="status">
        {said}
      </span>
      <BoardTips curves={curves} look={look} />
      {dialog !== null && (
        <ChartDialog
          chart={dialog === 'new' ? null : dialog.chart}
          start={newChart('line')}
          paths={shown.list.paths}
          runs={visible}
          onChart={(chart) => {
            if (dialog !== 'new') return onChart({ ...dialog, chart });
            edit((all) => [...all, { key: newKey(), chart }]);
            say(`${titleOf(chart)} is added`);
            window.setTimeout(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight }), 0);
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

const NONE: readonly string[] = [];

/** `given`: null until the sources are known, without which nothing can be asked. */
function useCurves(
  runs: readonly string[],
  given: readonly string[] | null,
  highlight: ShownRuns['highlight'],
): BoardCurves {
  const source = useSource();
  const { reachable } = useFrame().server;
  const sources = useSteady(given ?? NONE);
  const known = given !== null;
  const [curves] = useState(() => new BoardCurves(source, highlight));
  useEffect(() => {
    if (known) curves.want({ runs, sources });
  }, [curves, runs, sources, known]);
  useEffect(() => {
    if (reachable) curves.again();
  }, [curves, reachable]);
  useEffect(() => () => curves.stop(), [curves]);
  useNews({ changed: (changed) => curves.changed(changed), began: (revision) => curves.heard(revision) });
  return curves;
}
