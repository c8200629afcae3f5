/** Actions for the selected runs. */
import { freedToast } from '../parts/freed';
import { useState, type ReactNode } from 'react';
import { messageOf } from '../data/error';
import { MOST_COMPARED, useApi } from '../data/api';
import type { Run } from '../data/result';
import { Confirm } from '../parts/design/Confirm';
import { Button } from '../parts/design/controls';
import { useToast } from '../parts/design/Toast';
import { href } from '../parts/address';
import { Link } from '../parts/Link';
import { useFrame } from '../parts/useFrame';
import { runName } from '../text/runName';
import { countText, plural, sizeText } from '../text/format';

const NAMED = 5;

interface SelectedProps {
  runs: readonly Run[];
  onClear: () => void;
  /** Further actions of this page. */
  children?: ReactNode;
}

export function Selected({ runs, onClear, children }: SelectedProps): ReactNode {
  const { write } = useApi();
  const { readOnly, undeletable, edited } = useFrame();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const ids = runs.map((run) => run.id);
  const idsOf = (archived: boolean): string[] => runs.filter((run) => run.archived === archived).map((run) => run.id);
  const [shown, archived] = [idsOf(false), idsOf(true)];
  const mixed = shown.length > 0 && archived.length > 0;

  const archive = async (which: string[], to: boolean, undoable: boolean): Promise<void> => {
    try {
      await write.archive({ runs: which, archived: to });
      edited(which);
      onClear();
      const text = `${plural(which.length, 'run')} ${to ? 'archived' : 'unarchived'}.`;
      toast({ text, action: undoable ? { label: 'Undo', run: () => void archive(which, !to, false) } : undefined });
    } catch (error) {
      toast({ text: messageOf(error), tone: 'danger' });
    }
  };

  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      const freed = await write.delete({ runs: ids });
      edited(ids);
      onClear();
      toast(freedToast(`${plural(freed.runs, 'run')} deleted, ${sizeText(freed.bytes)} freed.`, freed));
    } catch (error) {
      toast({ text: messageOf(error), tone: 'danger' });
    } finally {
      setBusy(false);
      setAsking(false);
    }
  };

  return (
    <>
      <span className="count strong">{plural(runs.length, 'run')} selected</span>
      {readOnly !== null && (
        <span className="count" title={readOnly}>
          read only
        </span>
      )}
      {children}
      {runs.length > 1 && runs.length <= MOST_COMPARED && (
        <Link className="button plain small" to={href('compare', { run: ids })}>
          Compare
        </Link>
      )}
      {runs.length > MOST_COMPARED && (
        <Button small disabled title={`At most ${MOST_COMPARED} runs can be compared.`}>
          Compare
        </Button>
      )}
      {shown.length > 0 && (
        <Button small icon="archive" disabled={readOnly !== null} onClick={() => void archive(shown, true, true)}>
          Archive{mixed && ` ${countText(shown.length)}`}
        </Button>
      )}
      {archived.length > 0 && (
        <Button small icon="undo" disabled={readOnly !== null} onClick={() => void archive(archived, false, true)}>
          Unarchive{mixed && ` ${countText(archived.length)}`}
        </Button>
      )}
      <Button
        small
        icon="trash"
        disabled={undeletable !== null}
        title={undeletable ?? undefined}
        onClick={() => setAsking(true)}
      >
        Delete
      </Button>
      <Button small icon="close" tip="Clear selection" onClick={onClear} />
      {asking && (
        <Confirm
          title={`Delete ${plural(runs.length, 'run')}?`}
          action={`Delete ${plural(runs.length, 'run')}`}
          busy={busy}
          onConfirm={() => void remove()}
          onCancel={() => setAsking(false)}
        >
          <Doomed runs={runs} />
        </Confirm>
      )}
    </>
  );
}

function Doomed({ runs }: { runs: readonly Run[] }): ReactNode {
  const running = runs.filter((run) => run.status === 'running').length;
  return (
    <>
      <p>
        Their metrics and params are removed from the disk. This cannot be undone; archiving hides runs and keeps them.
      </p>
      <ul className="confirm-runs">
        {runs.slice(0, NAMED).map((run) => (
          <li key={run.id}>
            <bdi>{runName(run)}</bdi> · <bdi>{run.experiment}</bdi>
          </li>
        ))}
        {runs.length > NAMED && <li>and {countText(runs.length - NAMED)} more</li>}
      </ul>
      {running > 0 && (
        <p className="hint">
          {plural(running, 'run')} of them {running === 1 ? 'is' : 'are'} still recording: training goes on, but is no
          longer recorded.
        </p>
      )}
    </>
  );
}
