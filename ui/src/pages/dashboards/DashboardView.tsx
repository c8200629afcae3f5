/** One dashboard: its runs at the left, its charts at the right, and what can be done with it above them. */
import { useMemo, type KeyboardEvent, type ReactNode } from 'react';
import { href } from '../../parts/address';
import { Button } from '../../parts/design/controls';
import { NotFound } from '../../parts/NotFound';
import { Answer } from '../../parts/Sheet';
import { useFrame, useTitle } from '../../parts/useFrame';
import { useWall } from '../home/useWall';
import { WithRuns } from '../home/WithRuns';
import { BoardCharts } from './BoardCharts';
import { BoardHead } from './BoardHead';
import { useBoard, type BoardState, type OpenBoard } from './useBoard';
import '../../parts/parts.css';
import './dashboards.css';

interface DashboardViewProps {
  id: string;
  /** The page that it is shown on. */
  page: string;
}

export function DashboardView({ id, page }: DashboardViewProps): ReactNode {
  const board = useBoard(id);
  const { state, asked } = board;
  if (state && !(asked.missing && !board.changed)) return <ShownBoard board={board} state={state} page={page} />;
  return (
    <Answer of={asked} title="Dashboard" missing={<NoBoard id={id} />}>
      {() => null}
    </Answer>
  );
}

function NoBoard({ id }: { id: string }): ReactNode {
  useTitle('Dashboards');
  return (
    <NotFound what="dashboard" name={id} to={href('dashboards')} all="All dashboards">
      It was deleted, or the link is incomplete.
    </NotFound>
  );
}

function ShownBoard({ board, state, page }: { board: OpenBoard; state: BoardState; page: string }): ReactNode {
  const { content, newer } = state;
  const { runs, newest, name } = content;
  const { readOnly } = useFrame();
  const standard = useMemo(() => ({ runs, newest }), [runs, newest]);
  const [view, change] = useWall(page, standard);
  useTitle(name);
  const onKeyDown = (event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, .query *');
    if (readOnly !== null || typing || event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.shiftKey) board.redo();
    else board.undo();
  };
  return (
    <div className="board" onKeyDown={onKeyDown}>
      <BoardHead board={board} state={state} view={view} changeView={change} page={page} />
      {newer && (
        <p className="explorer-note" role="alert">
          Someone else changed this dashboard meanwhile. Your changes are not saved.{' '}
          <Button small look="outline" onClick={board.discard}>
            Show theirs
          </Button>
        </p>
      )}
      <WithRuns view={view} change={change}>
        {(shown) => (
          <BoardCharts
            shown={shown}
            charts={content.charts}
            view={view}
            changeView={change}
            onChange={readOnly === null ? (charts) => board.change({ ...content, charts }) : null}
          />
        )}
      </WithRuns>
    </div>
  );
}
