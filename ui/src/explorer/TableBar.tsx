/** Above the table: find, what is selected, and what can be done with it. */
import { useState, type ReactNode } from 'react';
import { api, ApiError } from '../data/api';
import type { Run } from '../data/result';
import { Button } from '../design/controls';
import { Confirm } from '../design/Confirm';
import { useToast } from '../design/Toast';
import type { Change } from '../state/useView';
import type { View } from '../state/view';
import { runTitle } from './fields';
import { countText, plural, sizeText } from './format';

interface TableBarProps {
  view: View;
  change: Change;
  found: number;
  total: number;
  runs: number;
  selected: readonly Run[];
  /** Why nothing can be changed here; null where it can. */
  readOnly: string | null;
  onClear: () => void;
  onEdited: (ids: readonly string[]) => void;
}

export function TableBar({
  view,
  change,
  found,
  total,
  runs,
  selected,
  readOnly,
  onClear,
  onEdited,
}: TableBarProps): ReactNode {
  return (
    <div className="table-bar" role="toolbar" aria-label="Table">
      <input
        className="field"
        type="search"
        placeholder="Find in table"
        aria-label="Find in table"
        value={view.find}
        onChange={(event) => change({ find: event.target.value }, 'adjust')}
      />
      <span className="count">
        {found === total ? plural(total, 'series') : `${countText(found)} of ${plural(total, 'series')}`} ·{' '}
        {plural(runs, 'run')}
      </span>
      <span className="stretch" />
      {selected.length > 0 ? (
        <Selected runs={selected} readOnly={readOnly} onClear={onClear} onEdited={onEdited} />
      ) : (
        <>
          {view.sort.length > 0 && (
            <Button small icon="reset" onClick={() => change({ sort: [] })}>
              Default order
            </Button>
          )}
          <Button
            small
            icon="diff"
            aria-pressed={view.diff}
            active={view.diff}
            tip="Hide columns in which all rows are equal"
            onClick={() => change({ diff: !view.diff })}
          >
            Diff
          </Button>
        </>
      )}
    </div>
  );
}

const messageOf = (error: unknown): string => {
  if (error instanceof ApiError) return [error.problem.message, error.problem.hint].filter(Boolean).join(' ');
  return String(error);
};

function Selected({
  runs,
  readOnly,
  onClear,
  onEdited,
}: {
  runs: readonly Run[];
  readOnly: string | null;
  onClear: () => void;
  onEdited: (ids: readonly string[]) => void;
}): ReactNode {
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const ids = runs.map((run) => run.id);
  const archived = runs.every((run) => run.archived);

  const archive = async (to: boolean, undoable: boolean): Promise<void> => {
    try {
      await api.archive({ runs: ids, archived: to });
      onEdited(ids);
      onClear();
      const text = `${plural(ids.length, 'run')} ${to ? 'archived' : 'brought back'}.`;
      toast({ text, action: undoable ? { label: 'Undo', run: () => void archive(!to, false) } : undefined });
    } catch (error) {
      toast({ text: messageOf(error), tone: 'danger' });
    }
  };

  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      const freed = await api.delete({ runs: ids });
      onEdited(ids);
      onClear();
      toast({ text: `${plural(freed.runs, 'run')} deleted, ${sizeText(freed.bytes)} freed.` });
    } catch (error) {
      toast({ text: messageOf(error), tone: 'danger' });
    } finally {
      setBusy(false);
      setAsking(false);
    }
  };

  const running = runs.filter((run) => run.status === 'running').length;
  return (
    <>
      <span className="count strong">{plural(runs.length, 'run')} selected</span>
      {readOnly !== null && (
        <span className="count" title={readOnly}>
          read only
        </span>
      )}
      <Button small icon="archive" disabled={readOnly !== null} onClick={() => void archive(!archived, true)}>
        {archived ? 'Unarchive' : 'Archive'}
      </Button>
      <Button small icon="trash" disabled={readOnly !== null} onClick={() => setAsking(true)}>
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
          <p>
            Their metrics and params are removed from the disk. This cannot be undone; archiving hides runs and keeps
            them.
          </p>
          <ul className="confirm-runs">
            {runs.slice(0, 5).map((run) => (
              <li key={run.id}>
                <bdi>{runTitle(run)}</bdi> · <bdi>{run.experiment}</bdi>
              </li>
            ))}
            {runs.length > 5 && <li>and {countText(runs.length - 5)} more</li>}
          </ul>
          {running > 0 && (
            <p className="hint">
              {plural(running, 'run')} of them {running === 1 ? 'is' : 'are'} still recording: training goes on, but is
              no longer recorded.
            </p>
          )}
        </Confirm>
      )}
    </>
  );
}
