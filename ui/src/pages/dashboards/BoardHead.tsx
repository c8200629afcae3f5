/** The title of a dashboard, whether it is saved, and what can be done with it. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import { messageOf } from '../../data/error';
import { href, navigate } from '../../parts/address';
import { Button } from '../../parts/design/controls';
import { Confirm } from '../../parts/design/Confirm';
import { Menu } from '../../parts/design/Menu';
import { useToast } from '../../parts/design/Toast';
import { Link } from '../../parts/Link';
import { useEdit } from '../../parts/useEdit';
import { useFrame } from '../../parts/useFrame';
import { conditionOf } from '../home/runList';
import type { ChangeWall } from '../home/useWall';
import type { WallView } from '../home/wallView';
import { NameDialog } from './NameDialog';
import type { BoardState, OpenBoard } from './useBoard';

interface BoardHeadProps {
  board: OpenBoard;
  state: BoardState;
  view: WallView;
  changeView: ChangeWall;
  page: string;
}

export function BoardHead({ board, state, view, changeView, page }: BoardHeadProps): ReactNode {
  const { readOnly } = useFrame();
  const { content } = state;
  return (
    <header className="board-head">
      <h1>
        <bdi>{content.name}</bdi>
      </h1>
      <span className="board-state" role="status">
        {readOnly === null && board.changed && 'Unsaved changes'}
      </span>
      <span className="stretch" />
      {page === 'home' && (
        <Link className="button" to={href('home', { wall: '1' })}>
          All charts
        </Link>
      )}
      {readOnly === null && <RunsOfView board={board} state={state} view={view} changeView={changeView} />}
      <CopyLink id={state.saved.id} />
      {readOnly === null && <Changes board={board} state={state} />}
    </header>
  );
}

function CopyLink({ id }: { id: string }): ReactNode {
  const toast = useToast();
  const copy = async (): Promise<void> => {
    const address = new URL(href('dashboards', { id }), window.location.href);
    const given = new URLSearchParams(window.location.search);
    for (const [name, value] of given) if (name !== 'page' && name !== 'id') address.searchParams.append(name, value);
    try {
      await navigator.clipboard.writeText(address.href);
      toast({ text: 'The link is copied.' });
    } catch {
      toast({ text: 'The browser does not allow copying here. Copy the address of this page.', tone: 'danger' });
    }
  };
  return <Button icon="link" tip="Copy the link" onClick={() => void copy()} />;
}

/** The shown runs become those of the dashboard. */
function RunsOfView({ board, state, view, changeView }: Omit<BoardHeadProps, 'page'>): ReactNode {
  const { content } = state;
  const { q } = conditionOf(view);
  if (q === content.runs && view.newest === content.newest) return null;
  const keep = (): void => {
    board.change({ ...content, runs: q, newest: view.newest });
    changeView({ runs: q, experiment: null, newest: undefined });
  };
  return (
    <Button look="outline" title="The dashboard then opens with this condition on runs" onClick={keep}>
      Keep these runs
    </Button>
  );
}

type Asking = 'rename' | 'copy' | 'delete' | null;

function Changes({ board, state }: { board: OpenBoard; state: BoardState }): ReactNode {
  const { ask, write } = useApi();
  const { server } = useFrame();
  const toast = useToast();
  const edit = useEdit();
  const [asking, setAsking] = useState<Asking>(null);
  const [saving, setSaving] = useState(false);
  const { saved, content, past, future } = state;
  const atHome = server.project?.home_dashboard === saved.id;
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      await board.save();
      toast({ text: `“${content.name}” is saved.` });
    } catch (error) {
      toast({ text: messageOf(error), tone: 'danger' });
    }
    setSaving(false);
  };
  const copy = async (name: string): Promise<void> => {
    const { runs, newest } = content;
    const { id } = await write.dashboard({ name, runs, newest, charts: content.charts.map(({ chart }) => chart) });
    navigate(href('dashboards', { id }));
  };
  const free = async (): Promise<string> => {
    const taken = new Set((await ask.dashboards()).dashboards.map(({ name }) => name));
    return Array.from({ length: 1000 }, (_, at) => `${content.name} (copy${at ? ` ${at + 1}` : ''})`).find(
      (name) => !taken.has(name),
    ) as string;
  };
  const [suggested, setSuggested] = useState('');
  return (
    <>
      <Button icon="undo" tip="Undo (Ctrl Z)" disabled={past.length === 0} onClick={board.undo} />
      <span className="board-redo">
        <Button icon="undo" tip="Redo (Ctrl Shift Z)" disabled={future.length === 0} onClick={board.redo} />
      </span>
      <Button look="primary" disabled={!board.changed || saving} onClick={() => void save()}>
        Save
      </Button>
      <Menu
        icon="more"
        aria-label="More of this dashboard"
        label="Dashboard"
        end
        items={[
          { label: 'Rename…', icon: 'pencil', onSelect: () => setAsking('rename') },
          {
            label: 'Save a copy…',
            icon: 'copy',
            onSelect: () =>
              void free().then((name) => {
                setSuggested(name);
                setAsking('copy');
              }),
          },
          {
            label: 'Show at home',
            icon: 'home',
            chosen: atHome,
            toggles: true,
            onSelect: () =>
              void edit(
                [],
                () => write.homeDashboard(atHome ? null : saved.id),
                atHome ? 'The home page shows all charts again.' : `The home page shows “${saved.name}” to everyone.`,
              ),
          },
          { label: 'Discard changes', icon: 'reset', disabled: !board.changed, onSelect: board.discard },
          { label: 'All dashboards', icon: 'list', onSelect: () => navigate(href('dashboards')) },
          { label: 'Delete…', icon: 'trash', onSelect: () => setAsking('delete') },
        ]}
      />
      {asking === 'rename' && (
        <NameDialog
          title="Rename the dashboard"
          name={content.name}
          onName={async (name) => board.change({ ...content, name })}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'copy' && (
        <NameDialog title="Save a copy" name={suggested} onName={copy} onClose={() => setAsking(null)} />
      )}
      {asking === 'delete' && (
        <Confirm
          title="Delete this dashboard?"
          action="Delete"
          onCancel={() => setAsking(null)}
          onConfirm={() => {
            setAsking(null);
            board.discard();
            void edit([], () => write.deleteDashboard(saved.id), `“${saved.name}” is deleted.`).then(
              (done) => done && navigate(href('dashboards'), { replace: true }),
            );
          }}
        >
          “<bdi>{saved.name}</bdi>” is deleted for everyone. Runs are not affected.
        </Confirm>
      )}
    </>
  );
}
