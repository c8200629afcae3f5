/** One experiment: its activity, runs, notes, and settings. */
import { freedToast } from '../../parts/freed';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { useToast } from '../../parts/design/Toast';
import { countText, durationText, plural, sizeText } from '../../text/format';
import { NotFound } from '../../parts/NotFound';
import { Notice } from '../../parts/states';
import { adjust, href, navigate, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import type { Experiment, Overview, Run } from '../../wire';
import { useApi, type Api } from '../../data/api';
import { ApiError } from '../../data/error';
import { quoted, WITH_ARCHIVED } from '../../text/words';
import { Activity } from '../../parts/Activity';
import { Dialog, Labeled } from '../../parts/Dialog';
import { Heatmap, queryOfDay } from '../../explorer/Heatmap';
import { NoteEditor, Rendered } from '../../parts/NoteText';
import { runsAddress } from '../../parts/runsAddress';
import { RunTable } from '../../parts/RunTable';
import { Answer, Card, Hint, Sheet } from '../../parts/Sheet';
import { KeyFigures } from '../../parts/KeyFigures';
import { StatusCounts } from '../../parts/StatusCounts';
import { Tabs } from '../../parts/Tabs';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useEdit } from '../../parts/useEdit';

const TABS = ['overview', 'runs', 'notes', 'settings'] as const;
type ExperimentTab = (typeof TABS)[number];

interface LoadedExperiment {
  readonly experiment: Experiment;
  readonly overview: Overview;
  readonly runs: readonly Run[];
}

async function look(ask: Api['ask'], name: string, signal: AbortSignal): Promise<LoadedExperiment> {
  const every = `experiment == ${quoted(name)} and ${WITH_ARCHIVED}`;
  const [{ experiments }, overview, runs] = await Promise.all([
    ask.experiments(signal),
    ask.overview(name, signal),
    ask.runs(every, signal),
  ]);
  const experiment = experiments.find((candidate) => candidate.name === name);
  const message = `No experiment is called ${name}.`;
  if (!experiment) throw new ApiError({ message, hint: null, start: null, end: null }, 404);
  return { experiment, overview, runs };
}

export default function ExperimentPage(): ReactNode {
  const { ask } = useApi();
  const address = useAddress();
  const name = address.get('experiment') ?? '';
  const asked = useAsked(`experiment ${name}`, (signal) => look(ask, name, signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, missed: again });
  useTitle(name || 'Experiment');
  const tab = TABS.find((word) => word === address.get('tab')) ?? 'overview';
  return (
    <Answer of={asked} title="Experiment" missing={<NoExperiment name={name} />}>
      {(loaded) => <ExperimentContent {...loaded} tab={tab} onChanged={asked.again} />}
    </Answer>
  );
}

function NoExperiment({ name }: { name: string }): ReactNode {
  return (
    <NotFound what="experiment" name={name} indexed to={href('experiments')} all="All experiments">
      It may have been renamed or deleted.
    </NotFound>
  );
}

interface PageProps {
  experiment: Experiment;
  overview: Overview;
  runs: readonly Run[];
  tab: ExperimentTab;
  onChanged: () => void;
}

function ExperimentContent({ experiment, overview, runs, tab, onChanged }: PageProps): ReactNode {
  const { name } = experiment;
  return (
    <Sheet
      title={<bdi>{name}</bdi>}
      beside={
        <>
          {experiment.active && <span className="badge gray">active</span>}
          {experiment.archived && <span className="badge gray">archived</span>}
        </>
      }
      lead={<p>Experiment of {plural(experiment.runs, 'run')}</p>}
      actions={
        <Link className="button outline" to={runsAddress(`experiment == ${quoted(name)}`)}>
          Explore runs
        </Link>
      }
    >
      <Tabs<ExperimentTab>
        label="Parts of the experiment"
        chosen={tab}
        onChoose={(next) => adjust({ tab: next === 'overview' ? null : next })}
        tabs={[
          { value: 'overview', label: 'Overview' },
          { value: 'runs', label: 'Runs', count: runs.length },
          { value: 'notes', label: 'Notes' },
          { value: 'settings', label: 'Settings' },
        ]}
      >
        {tab === 'overview' && <ExperimentSummary name={name} overview={overview} />}
        {tab === 'runs' &&
          (runs.length === 0 ? (
            <Hint>No runs in this experiment yet.</Hint>
          ) : (
            <RunTable runs={runs} label="Runs of the experiment" experiment={false} search />
          ))}
        {tab === 'notes' && <ExperimentNotes experiment={experiment} onChanged={onChanged} />}
        {tab === 'settings' && <ExperimentSettings experiment={experiment} onChanged={onChanged} />}
      </Tabs>
    </Sheet>
  );
}

function ExperimentSummary({ name, overview }: { name: string; overview: Overview }): ReactNode {
  return (
    <div className="main-and-side">
      <div className="main-part">
        <Card title="Overview">
          <KeyFigures
            figures={[
              ['Runs', overview.runs],
              ['Archived', overview.archived],
              ['Recorded time', durationText(overview.seconds)],
            ]}
          />
          <StatusCounts statuses={overview.statuses} diverged={overview.diverged} experiment={name} />
        </Card>
        {overview.active.length > 0 && (
          <Card title="Active runs" count={countText(overview.active.length)}>
            <RunTable runs={overview.active} label="Active runs" experiment={false} />
          </Card>
        )}
        <Card title="Runs per day">
          <Heatmap days={overview.days} addressOf={(day) => runsAddress(queryOfDay(day, name))} />
        </Card>
        <Card title="Newest runs">
          {overview.recent.length === 0 ? (
            <Hint>No runs in this experiment yet.</Hint>
          ) : (
            <RunTable runs={overview.recent} label="Newest runs" experiment={false} />
          )}
        </Card>
      </div>
      <div className="side-part">
        <Card title="Activity">
          <Activity events={overview.activity} />
        </Card>
      </div>
    </div>
  );
}

function ExperimentNotes({ experiment, onChanged }: { experiment: Experiment; onChanged: () => void }): ReactNode {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const [open, setOpen] = useState(false);
  const save = async (note: string): Promise<boolean> => {
    const saved = await edit([], () => write.experiment({ name: experiment.name, note }));
    if (saved) setOpen(false);
    onChanged();
    return saved;
  };
  if (open)
    return (
      <NoteEditor
        draft={`experiment.${experiment.name}`}
        text={experiment.note}
        label="Notes of the experiment"
        onSave={save}
        onCancel={() => setOpen(false)}
      />
    );
  if (experiment.note === '')
    return (
      <Notice icon="pencil" title="No notes yet">
        <p>{readOnly ?? 'What question do these runs answer?'}</p>
        {readOnly === null && (
          <Button look="primary" onClick={() => setOpen(true)}>
            Write notes
          </Button>
        )}
      </Notice>
    );
  return (
    <article className="card note">
      <h2 className="hidden-text">Notes</h2>
      {readOnly === null && (
        <div className="card-head">
          <span className="stretch" />
          <Button small icon="pencil" tip="Edit the notes" onClick={() => setOpen(true)} />
        </div>
      )}
      <Rendered text={experiment.note} />
    </article>
  );
}

function ExperimentSettings({ experiment, onChanged }: { experiment: Experiment; onChanged: () => void }): ReactNode {
  const { write } = useApi();
  const { name } = experiment;
  const { readOnly, undeletable, edited } = useFrame();
  const edit = useEdit();
  const toast = useToast();
  const [rename, setRename] = useState(name);
  const [typed, setTyped] = useState('');
  const [deleting, setDeleting] = useState(false);
  const isDefault = name === 'default';
  const remove = async (): Promise<void> => {
    const freed = await write.deleteExperiment(name);
    edited([]);
    const told = `${plural(freed.runs, 'run')}, ${plural(freed.files, 'file')}, ${sizeText(freed.bytes)} freed.`;
    toast(freedToast(`Deleted “${name}”: ${told}`, freed));
    navigate(href('experiments'), { replace: true });
  };
  return (
    <div className="settings">
      {readOnly !== null && <p className="banner warn">{readOnly}</p>}
      {isDefault && (
        <Hint>“default” takes the runs that name no experiment: it can be neither renamed nor deleted.</Hint>
      )}
      <form
        className="setting"
        onSubmit={(event) => {
          event.preventDefault();
          void edit([], () => write.experiment({ name, rename }), `Renamed to ${rename}.`).then((done) => {
            if (done) adjust({ experiment: rename }, { replace: true });
          });
        }}
      >
        <div>
          <h2>Name</h2>
          <p>All its runs move with it. A script that still uses the old name creates that experiment again.</p>
        </div>
        <input
          className="field"
          aria-label="Name"
          value={rename}
          disabled={readOnly !== null || isDefault}
          onChange={(event) => setRename(event.target.value)}
        />
        <Button
          type="submit"
          look="outline"
          disabled={readOnly !== null || isDefault || rename === name || rename.trim() === ''}
        >
          Rename
        </Button>
      </form>
      <div className="setting">
        <div>
          <h2>{experiment.archived ? 'Archived' : 'Archive'}</h2>
          <p>Archives the experiment and all its runs. Lists and searches skip them. Nothing is deleted.</p>
        </div>
        <Button
          look="outline"
          icon="archive"
          disabled={readOnly !== null}
          onClick={() =>
            void edit(
              [],
              () => write.experiment({ name, archived: !experiment.archived }),
              experiment.archived ? 'Experiment and runs restored.' : 'Experiment archived.',
            ).then(onChanged)
          }
        >
          {experiment.archived ? 'Restore' : 'Archive experiment'}
        </Button>
      </div>
      <div className="setting">
        <div>
          <h2>Delete</h2>
          <p>
            The experiment and its {plural(experiment.runs, 'run')} are removed from the disk. This cannot be undone.
          </p>
          {undeletable !== null && readOnly === null && <p className="why-not">{undeletable}</p>}
        </div>
        <Button
          look="danger"
          icon="trash"
          disabled={undeletable !== null || isDefault}
          onClick={() => setDeleting(true)}
        >
          Delete experiment
        </Button>
      </div>
      {deleting && (
        <Dialog
          title="Delete this experiment permanently?"
          action="Delete"
          danger
          disabled={typed !== name}
          onSave={remove}
          onClose={() => setDeleting(false)}
        >
          <p>
            {plural(experiment.runs, 'run')} of “<bdi>{name}</bdi>” with all points, params and notes{' '}
            {experiment.runs === 1 ? 'is' : 'are'} removed from the disk.
          </p>
          <Labeled label="Type its name to delete it">
            <input className="field" value={typed} onChange={(event) => setTyped(event.target.value)} />
          </Labeled>
        </Dialog>
      )}
    </div>
  );
}
