/** The charts of a dashboard, and the changes of them. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useSource } from '../../data/source';
import { Button } from '../../parts/design/controls';
import { Notice } from '../../parts/states';
import { useFrame, useNews } from '../../parts/useFrame';
import { useSteady } from '../../parts/useSteady';
import { plural } from '../../text/format';
import type { ChangeWall } from '../home/useWall';
import type { WallView } from '../home/wallView';
import type { ShownRuns } from '../home/WithRuns';
import { MOST_CHARTS, moved, newChart, newKey, resized, titleOf, type BoardChart } from './board';
import { BoardCurves } from './boardCurves';
import { BoardGrid } from './BoardGrid';
import type { BoardEdits, DropSide } from './BoardTile';
import { BoardTips } from './BoardTips';
import { ChartDialog } from './ChartDialog';
import { EnlargedChart } from './EnlargedChart';

interface BoardChartsProps {
  shown: ShownRuns;
  charts: readonly BoardChart[];
  view: WallView;
  changeView: ChangeWall;
  /** Null where nothing can be changed. */
  onChange: ((charts: readonly BoardChart[]) => void) | null;
}

export function BoardCharts({ shown, charts, view, changeView, onChange }: BoardChartsProps): ReactNode {
  const { drawn, look, highlight, beside } = shown;
  const { hidden } = look;
  const visible = useSteady(useMemo(() => drawn.filter((id) => !hidden.has(id)), [drawn, hidden]));
  const { project } = useFrame().server;
  const sources = useSteady(project?.sources ?? null);
  const curves = useCurves(drawn, sources, highlight);
  const scroller = useRef<HTMLDivElement>(null);
  const [dialog, setDialog] = useState<BoardChart | 'new' | null>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const [said, say] = useState('');
  const latest = useRef({ charts, onChange, changeView });
  useEffect(() => {
    latest.current = { charts, onChange, changeView };
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
  const onEnlarge = useCallback(
    (key: string) => {
      curves.clear();
      latest.current.changeView({ enlarged: placeOf(key) + 1 });
    },
    [curves],
  );
  const place = view.enlarged === null ? -1 : view.enlarged - 1;
  const enlarged = charts[place];
  const stepTo = (at: number): (() => void) | null =>
    charts[at] ? () => changeView({ enlarged: at + 1 }, { replace: true }) : null;
  const full = charts.length >= MOST_CHARTS;
  const editable = onChange !== null;
  const edits = useMemo<BoardEdits | null>(
    () =>
      editable
        ? { onChart, onStep, onResize, onRemove, onCopy, onEdit: setDialog, full, dragged, onDrag: setDragged, onDrop }
        : null,
    [editable, onChart, onStep, onResize, onRemove, onCopy, full, dragged, onDrop],
  );
  return (
    <div className="wall-side">
      <div className="wall-side-inner" inert={enlarged !== undefined}>
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
        <BoardGrid
          scroller={scroller}
          charts={charts}
          empty={
            <Notice icon="columns" title="No charts yet">
              <p>{onChange ? 'Add one for each question that this dashboard answers.' : 'This dashboard is empty.'}</p>
            </Notice>
          }
          shown={shown}
          visible={visible}
          curves={curves}
          sources={sources ?? NONE}
          edits={edits}
          onEnlarge={onEnlarge}
        />
      </div>
      <span className="hidden-text" role="status">
        {said}
      </span>
      <BoardTips curves={curves} look={look} />
      {enlarged && sources !== null && (
        <EnlargedChart
          item={enlarged}
          shown={shown}
          visible={visible}
          curves={curves}
          sources={sources}
          onChart={onChange && onChart}
          onClose={() => changeView({ enlarged: null })}
          onStep={{ before: stepTo(place - 1), after: stepTo(place + 1) }}
        />
      )}
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

/** `sources`: null until they are known, without which nothing can be asked. */
function useCurves(
  runs: readonly string[],
  sources: readonly string[] | null,
  highlight: ShownRuns['highlight'],
): BoardCurves {
  const source = useSource();
  const { reachable } = useFrame().server;
  const [curves] = useState(() => new BoardCurves(source, highlight));
  useEffect(() => {
    if (sources) curves.want({ runs, sources });
  }, [curves, runs, sources]);
  useEffect(() => {
    if (reachable) curves.again();
  }, [curves, reachable]);
  useEffect(() => () => curves.stop(), [curves]);
  useNews({ changed: (changed) => curves.changed(changed), began: (revision) => curves.heard(revision) });
  return curves;
}
