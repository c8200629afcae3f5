/** Actions for a run: move, archive, delete. */
import { freedToast } from '../../parts/freed';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { useToast } from '../../parts/design/Toast';
import { plural, sizeText } from '../../text/format';
import { href, navigate } from '../../parts/address';
import { useFrame } from '../../parts/useFrame';
import type { RunDetail } from '../../wire';
import { useApi } from '../../data/api';
import { Dialog } from '../../parts/Dialog';
import { runName } from '../../text/runName';
import { useEdit } from '../../parts/useEdit';

export function Settings({ detail: { run } }: { detail: RunDetail }): ReactNode {
  const { write } = useApi();
  const { readOnly, undeletable, server, edited } = useFrame();
  const edit = useEdit();
  const toast = useToast();
  const [experiment, setExperiment] = useState(run.experiment);
  const [deleting, setDeleting] = useState(false);
  const remove = async (): Promise<void> => {
    const freed = await write.delete({ runs: [run.id] });
    edited([run.id]);
    toast(
      freedToast(`Deleted “${runName(run)}”: ${plural(freed.files, 'file')}, ${sizeText(freed.bytes)} freed.`, freed),
    );
    navigate(href('experiment', { experiment: run.experiment }), { replace: true });
  };
  return (
    <div className="settings">
      {readOnly !== null && <p className="banner warn">{readOnly}</p>}
      <form
        className="setting"
        onSubmit={(event) => {
          event.preventDefault();
          void edit(
            [run.id],
            () => write.edit({ runs: [run.id], field: 'experiment', value: experiment }),
            `Moved to ${experiment}.`,
          );
        }}
      >
        <div>
          <h2>Experiment</h2>
          <p>An experiment groups runs. A new name creates a new experiment.</p>
        </div>
        <input
          className="field"
          aria-label="Experiment"
          list="experiments"
          value={experiment}
          disabled={readOnly !== null}
          onChange={(event) => setExperiment(event.target.value)}
        />
        <datalist id="experiments">
          {server.project?.experiments.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button
          type="submit"
          look="outline"
          disabled={readOnly !== null || experiment === run.experiment || experiment.trim() === ''}
        >
          Move
        </Button>
      </form>
      <div className="setting">
        <div>
          <h2>{run.archived ? 'Archived' : 'Archive'}</h2>
          <p>Searches skip archived runs unless the query uses run.archived. Nothing is deleted.</p>
        </div>
        <Button
          look="outline"
          icon="archive"
          disabled={readOnly !== null}
          onClick={() =>
            void edit(
              [run.id],
              () => write.archive({ runs: [run.id], archived: !run.archived }),
              run.archived ? 'Run restored.' : 'Run archived.',
            )
          }
        >
          {run.archived ? 'Restore' : 'Archive run'}
        </Button>
      </div>
      <div className="setting">
        <div>
          <h2>Delete</h2>
          <p>All points, params and notes of this run are removed from the disk. This cannot be undone.</p>
          {undeletable !== null && readOnly === null && <p className="why-not">{undeletable}</p>}
        </div>
        <Button look="danger" icon="trash" disabled={undeletable !== null} onClick={() => setDeleting(true)}>
          Delete run
        </Button>
      </div>
      {deleting && (
        <Dialog
          title="Delete this run permanently?"
          action="Delete"
          danger
          onSave={remove}
          onClose={() => setDeleting(false)}
        >
          <p>
            “<bdi>{runName(run)}</bdi>” and everything it recorded is removed from the disk.
            {run.status === 'running' && ' It is still running: the training continues, but is no longer recorded.'}
          </p>
        </Dialog>
      )}
    </div>
  );
}
