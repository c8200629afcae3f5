/** Above the table: find, what is selected, and what can be done with it. */
import { useState, type ReactNode } from 'react';
import { api, ApiError } from '../data/api';
import type { Run } from '../data/result';
import { Confirm } from '../design/Confirm';
import { useToast } from '../design/Toast';
import { href } from '../frame/address';
import { Link } from '../frame/Link';
import { routeOf } from '../frame/routes';
import type { Change } from '../state/useView';
import type { View } from '../state/view';
import type { Column } from './columns';
import { Button, Choice } from '../design/controls';
import { runTitle } from './fields';
import { ColumnsButton, ROWS, SortButton } from './TablePanels';
import { countText, plural, sizeText } from './format';

interface TableBarProps {
  view: View;
  change: Change;
  found: number;
  total: number;
  runs: number;
  selected: readonly Run[];
  /** All of them, shown or not. */
  columns: readonly Column[];
  /** Why nothing can be changed here; null where it can. */
  readOnly: string | null;
  onClear: () => void;
  onEdited: (ids: readonly string[]) => void;
  /** Shows or hides the lines of the selected runs. */
  onLines: (on: boolean) => void;
  onCSV: () => void;
  /** Lists the lines of every group, or of none; null while lines are not grouped. */
  onOpenAll: ((open: boolean) => void) | null;
}

export function TableBar({
  view,
  change,
  found,
  total,
  runs,
  selected,
  columns,
  readOnly,
  onClear,
  onEdited,
  onLines,
  onCSV,
  onOpenAll,
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
        <Selected runs={selected} readOnly={readOnly} onClear={onClear} onEdited={onEdited} onLines={onLines} />
      ) : (
        <>
          {onOpenAll && (
            <Button small onClick={() => onOpenAll(view.open.length === 0)}>
              {view.open.length === 0 ? 'List all lines' : 'Groups only'}
            </Button>
          )}
          {view.hidden.length > 0 && (
            <Button small icon="eye" onClick={() => change({ hidden: [], solo: null })}>
              Show all lines
            </Button>
          )}
          <SortButton columns={columns} view={view} change={change} />
          <ColumnsButton columns={columns} view={view} change={change} />
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
          <Choice label="Row height" value={view.rows} options={ROWS} onChange={(rows) => change({ rows })} />
          <Button small icon="download" tip="These rows and columns as CSV" onClick={onCSV}>
            CSV
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
  onLines,
}: {
  runs: readonly Run[];
  readOnly: string | null;
  onClear: () => void;
  onEdited: (ids: readonly string[]) => void;
  onLines: (on: boolean) => void;
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
      <Button small icon="eyeOff" onClick={() => onLines(false)}>
        Hide lines
      </Button>
      <Button small icon="eye" onClick={() => onLines(true)}>
        Show lines
      </Button>
      {routeOf('compare') && runs.length > 1 && (
        <Link className="button plain small" to={href('compare', { run: ids })}>
          Compare
        </Link>
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
