/** What can be done with the selected runs. */
import { useState, type ReactNode } from 'react';
import { Button } from '../../design/controls';
import { plural, sizeText } from '../../explorer/format';
import { useToast } from '../../design/Toast';
import type { Run } from '../../data/result';
import { href } from '../../frame/address';
import { Link } from '../../frame/Link';
import { useFrame } from '../../frame/useFrame';
import { write } from '../api';
import { MOST } from '../compare/address';
import { Dialog } from '../parts/Dialog';
import { runName } from '../parts/runName';
import { useEdit } from '../parts/useEdit';
import { statementOf } from './statement';

const NAMED = 5;

export function Selected({ runs, metrics, onClear }: {
  runs: readonly Run[];
  metrics: readonly string[];
  onClear: () => void;
}): ReactNode {
  const { readOnly, edited } = useFrame();
  const edit = useEdit();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const ids = runs.map((run) => run.id);
  const archived = runs.every((run) => run.archived);
  const running = runs.filter((run) => run.status === 'running').length;
  const archive = async (to: boolean, undoable: boolean): Promise<void> => {
    if (!(await edit(ids, () => write.archive({ runs: ids, archived: to })))) return;
    onClear();
    toast({
      text: `${plural(ids.length, 'run')} ${to ? 'archived' : 'brought back'}.`,
      action: undoable ? { label: 'Undo', run: () => void archive(!to, false) } : undefined,
    });
  };
  const remove = async (): Promise<void> => {
    const freed = await write.delete({ runs: ids });
    onClear();
    edited(ids);
    toast({ text: `${plural(freed.runs, 'run')} deleted, ${sizeText(freed.bytes)} freed.` });
  };
  return (
    <>
      <span className="count strong">{plural(runs.length, 'run')} selected</span>
      {readOnly !== null && (
        <span className="count" title={readOnly}>
          read only
        </span>
      )}
      {runs.length > 1 && runs.length <= MOST && (
        <Link className="button plain small" to={href('compare', { run: ids })}>
          Compare
        </Link>
      )}
      <Link className="button plain small" to={href('metrics', { q: statementOf(runs, metrics) })}>
        Open in Metrics
      </Link>
      <Button small icon="archive" disabled={readOnly !== null} onClick={() => void archive(!archived, true)}>
        {archived ? 'Unarchive' : 'Archive'}
      </Button>
      <Button small icon="trash" disabled={readOnly !== null} onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Button small icon="close" tip="Clear selection" onClick={onClear} />
      {asking && (
        <Dialog
          danger
          title={`Delete ${plural(runs.length, 'run')}?`}
          action={`Delete ${plural(runs.length, 'run')}`}
          onSave={remove}
          onClose={() => setAsking(false)}
        >
          <p>Their metrics and params are removed from the disk. This cannot be undone; archiving hides runs and keeps them.</p>
          <ul className="confirm-runs">
            {runs.slice(0, NAMED).map((run) => (
              <li key={run.id}>
                <bdi>{runName(run)}</bdi> · <bdi>{run.experiment}</bdi>
              </li>
            ))}
            {runs.length > NAMED && <li>{`and ${runs.length - NAMED} more`}</li>}
          </ul>
          {running > 0 && (
            <p className="hint">
              {plural(running, 'run')} of them {running === 1 ? 'is' : 'are'} still recording: training goes on, but is no
              longer recorded.
            </p>
          )}
        </Dialog>
      )}
    </>
  );
}
