/** All experiments: the number of runs of each, and when it was last used. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import type { Experiment } from '../../wire';
import { useApi } from '../../data/api';
import { Dialog, Labeled } from '../../parts/Dialog';
import { PlainTable } from '../../parts/PlainTable';
import { Notice } from '../../parts/states';
import { Searchable } from '../../parts/Searchable';
import { Answer, Sheet } from '../../parts/Sheet';
import { countText } from '../../text/format';
import { useAsked, usePaced } from '../../parts/useAsked';

export default function ExperimentsPage(): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('experiments', (signal) => ask.experiments(signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, missed: again });
  useTitle('Experiments');
  return (
    <Answer of={asked} title="Experiments">
      {({ experiments }) => <ExperimentsContent experiments={experiments} onChanged={asked.again} />}
    </Answer>
  );
}

function ExperimentsContent({
  experiments,
  onChanged,
}: {
  experiments: readonly Experiment[];
  onChanged: () => void;
}): ReactNode {
  const { readOnly } = useFrame();
  const [adding, setAdding] = useState(false);
  return (
    <Sheet
      title="Experiments"
      lead={<p>An experiment is a named group of runs. A script chooses one with aim.Run(experiment=…).</p>}
      actions={
        readOnly === null && (
          <Button look="primary" icon="plus" onClick={() => setAdding(true)}>
            New experiment
          </Button>
        )
      }
    >
      <Searchable
        items={experiments}
        noun="experiment"
        textOf={({ name }) => name}
        isArchived={({ archived }) => archived}
        empty={
          <Notice icon="list" title="No experiments yet">
            <p>Create one here, or let a script name it: aim.Run(experiment="first").</p>
          </Notice>
        }
      >
        {(shown) => <ExperimentTable experiments={shown} />}
      </Searchable>
      {adding && <NewExperiment onClose={() => setAdding(false)} onMade={onChanged} />}
    </Sheet>
  );
}

export function ExperimentTable({ experiments }: { experiments: readonly Experiment[] }): ReactNode {
  return (
    <PlainTable label="Table of experiments" head={['Experiment', { label: 'Runs', end: true }, 'Now', 'Last run']}>
      {experiments.map((experiment) => (
        <tr key={experiment.name} className={experiment.archived ? 'archived' : ''}>
          <th scope="row">
            <Link className="text-link" to={href('experiment', { experiment: experiment.name })}>
              <bdi>{experiment.name}</bdi>
            </Link>
            {experiment.active && (
              <span className="badge gray" title="Runs without an experiment go here">
                active
              </span>
            )}
            {experiment.archived && <span className="badge gray">archived</span>}
          </th>
          <td className="end number">
            {countText(experiment.runs)}
            {experiment.archived_runs > 0 && (
              <span className="quiet"> ({countText(experiment.archived_runs)} archived)</span>
            )}
          </td>
          <td>
            {experiment.running > 0 && (
              <span className="status running">
                <span className="status-dot" aria-hidden="true" />
                {countText(experiment.running)} running
              </span>
            )}
          </td>
          <td>{experiment.last_at === null ? '–' : <DateTime at={experiment.last_at} />}</td>
        </tr>
      ))}
    </PlainTable>
  );
}

function NewExperiment({ onClose, onMade }: { onClose: () => void; onMade: () => void }): ReactNode {
  const { write } = useApi();
  const [name, setName] = useState('');
  return (
    <Dialog
      title="New experiment"
      action="Create"
      disabled={name.trim() === ''}
      onSave={() => write.addExperiment(name).then(onMade)}
      onClose={onClose}
    >
      <Labeled label="Name" hint="It can hold any characters.">
        <input className="field" value={name} autoFocus onChange={(event) => setName(event.target.value)} />
      </Labeled>
    </Dialog>
  );
}
