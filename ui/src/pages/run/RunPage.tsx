/** One run: its name and status, and everything it recorded, in tabs. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { NotFound } from '../../parts/NotFound';
import { CopyButton, Notice } from '../../parts/states';
import { dateText, durationText } from '../../text/format';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import type { MediaSeries, Run, RunArtifactList, RunDetail } from '../../wire';
import { useApi } from '../../data/api';
import { AddTag } from '../../parts/AddTag';
import { Dialog, Labeled } from '../../parts/Dialog';
import { ParamForm } from '../../parts/ParamForm';
import { runName } from '../../text/runName';
import { Answer, Sheet } from '../../parts/Sheet';
import { Status } from '../../parts/Status';
import { Tabs, type TabOf } from '../../parts/Tabs';
import { TagChip } from '../../parts/TagChip';
import { useAsked, usePaced, type Asked } from '../../parts/useAsked';
import { useEdit } from '../../parts/useEdit';
import { useNow } from '../../parts/useNow';
import { useWhatWasSeen } from '../../parts/useWhatWasSeen';
import { RunAgainButton } from './RunAgainButton';
import { Explore } from './Explore';
import { Logs } from './Logs';
import { leavesOf } from '../../text/leaves';
import { Messages } from './Messages';
import { Metrics } from './Metrics';
import { Notes } from './Notes';
import { OBJECT_TABS, MediaTab } from './MediaTab';
import { RunArtifacts } from './RunArtifacts';
import { RunOverview } from './RunOverview';
import { Params } from './Params';
import { Settings } from './Settings';
import { Switcher } from './Switcher';
import { isSystem } from '../../text/system';
import { MediaSteps } from './media/step';
import { useMedia } from './media/useMedia';
import './run.css';

export default function RunPage(): ReactNode {
  const { ask } = useApi();
  const address = useAddress();
  const id = address.get('run') ?? '';
  const asked = useAsked(`run ${id}`, (signal) => ask.run(id, signal));
  const again = usePaced(asked.again);
  const own = asked.data?.run.id;
  useNews({ changed: (runs) => (own === undefined || runs.includes(own)) && again(), missed: again });
  useTitle(asked.data ? runName(asked.data.run) : 'Run');
  return (
    <Answer of={asked} title="Run" missing={<NoRun id={id} />}>
      {(detail) => <RunContent detail={detail} tab={address.get('tab') ?? 'overview'} />}
    </Answer>
  );
}

function NoRun({ id }: { id: string }): ReactNode {
  return (
    <NotFound what="run" name={id} indexed to={href('home')} all="Go to the home page">
      It may have been deleted, or the link is for another repository.
    </NotFound>
  );
}

type RunTab = string;

/** A media tab is shown if the run has such media, or if the address names it. */
function tabsOf(
  { run, metrics, notes, params }: RunDetail,
  objects: readonly MediaSeries[],
  artifacts: number,
  asked: RunTab,
): TabOf<RunTab>[] {
  const names = new Set(metrics.map((metric) => metric.name));
  const system = [...names].filter(isSystem).length;
  const tabs = OBJECT_TABS.map(({ kind, tab, label }) => {
    const count = objects.filter((series) => series.kind === kind).length;
    return { value: tab, label, count, hidden: count === 0 && asked !== tab };
  });
  return [
    { value: 'overview', label: 'Overview' },
    { value: 'params', label: 'Params', count: leavesOf(params).length },
    { value: 'metrics', label: 'Metrics', count: names.size - system },
    {
      value: 'system',
      label: 'System',
      count: system,
      hidden: system === 0 && asked !== 'system' && run.status !== 'running',
    },
    { value: 'logs', label: 'Logs' },
    { value: 'messages', label: 'Messages' },
    ...tabs,
    { value: 'artifacts', label: 'Artifacts', count: artifacts, hidden: artifacts === 0 && asked !== 'artifacts' },
    { value: 'notes', label: 'Notes', count: notes.length },
    { value: 'settings', label: 'Settings' },
  ].filter((tab) => !('hidden' in tab && tab.hidden));
}

function RunContent({ detail, tab: wanted }: { detail: RunDetail; tab: RunTab }): ReactNode {
  const { run } = detail;
  const objects = useMedia(run);
  const artifacts = useRunArtifacts(run);
  const { made, used } = artifacts.data ?? { made: [], used: [] };
  const tabs = tabsOf(detail, objects.data ?? [], made.length + used.length, wanted);
  const tab = tabs.find(({ value }) => value === wanted)?.value ?? 'overview';
  return (
    <Sheet
      title={<bdi>{runName(run)}</bdi>}
      beside={<Marks detail={detail} tab={tab} />}
      lead={<RunFacts detail={detail} />}
      actions={<NextSteps detail={detail} />}
    >
      <Troubles detail={detail} />
      <Tabs<RunTab>
        label="Parts of the run"
        chosen={tab}
        onChoose={(next) => adjust({ tab: next === 'overview' ? null : next })}
        tabs={tabs}
      >
        <MediaSteps key={run.id}>
          <TabContent tab={tab} detail={detail} objects={objects} artifacts={artifacts} />
        </MediaSteps>
      </Tabs>
    </Sheet>
  );
}

function useRunArtifacts(run: Run): Asked<RunArtifactList> {
  const { ask } = useApi();
  const asked = useAsked(`artifacts of ${run.id}`, (signal) => ask.runArtifacts(run.id, signal));
  const again = usePaced(asked.again);
  useNews({ changed: (runs) => runs.includes(run.id) && again(), began: again });
  return asked;
}

function TabContent({
  tab,
  detail,
  objects,
  artifacts,
}: {
  tab: RunTab;
  detail: RunDetail;
  objects: Asked<readonly MediaSeries[]>;
  artifacts: Asked<RunArtifactList>;
}): ReactNode {
  const { run, metrics, notes, params } = detail;
  switch (tab) {
    case 'params':
      return <Params params={params} form={<ParamForm runs={[run.id]} />} />;
    case 'metrics':
      return <Metrics run={run} metrics={metrics.filter(({ name }) => !isSystem(name))} empty={<NoMetrics />} />;
    case 'system':
      return <Metrics run={run} metrics={metrics.filter(({ name }) => isSystem(name))} empty={<NoSystem />} />;
    case 'logs':
      return <Logs detail={detail} />;
    case 'messages':
      return <Messages detail={detail} />;
    case 'artifacts':
      return <Answer of={artifacts}>{(found) => <RunArtifacts artifacts={found} />}</Answer>;
    case 'notes':
      return <Notes run={run} notes={notes} />;
    case 'settings':
      return <Settings detail={detail} />;
    case 'overview':
      return <RunOverview detail={detail} />;
    default:
      return <MediaTab tab={tab} run={run} objects={objects} />;
  }
}

function NoMetrics(): ReactNode {
  return (
    <Notice icon="axis" title="No metrics yet">
      <p>
        <code>run.track(value, name="loss", step=step)</code> records a point. It appears here at once.
      </p>
    </Notice>
  );
}

function NoSystem(): ReactNode {
  return (
    <Notice icon="screen" title="No system metrics">
      <p>
        CPU, memory, disk, network and GPUs are recorded every ten seconds, or as often as{' '}
        <code>aim.Run(system_interval=1)</code> says. This run was shorter than that, or had it off.
      </p>
    </Notice>
  );
}

function Marks({ detail: { run }, tab }: { detail: RunDetail; tab: RunTab }): ReactNode {
  const { readOnly } = useFrame();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <Switcher run={run} tab={tab} />
      <Status status={run.status} diverged={run.diverged} />
      {run.archived && <span className="badge gray">archived</span>}
      {readOnly === null && (
        <Button small icon="pencil" tip="Edit name and description" onClick={() => setEditing(true)} />
      )}
      {editing && <EditName run={run} onClose={() => setEditing(false)} />}
    </>
  );
}

function EditName({ run, onClose }: { run: RunDetail['run']; onClose: () => void }): ReactNode {
  const { write } = useApi();
  const [before, setBefore] = useState({ name: run.name ?? '', description: run.description ?? '' });
  const [name, setName] = useState(before.name);
  const [description, setDescription] = useState(before.description);
  const { edited } = useFrame();
  const saving = useWhatWasSeen();
  const change = async (field: 'name' | 'description', value: string): Promise<void> => {
    if (value === before[field]) return;
    await saving(before[field], (was) => write.edit({ runs: [run.id], field, value, was }));
    setBefore((known) => ({ ...known, [field]: value }));
  };
  const save = async (): Promise<void> => {
    await change('name', name);
    await change('description', description);
    edited([run.id]);
  };
  return (
    <Dialog title="Name and description" action="Save" onSave={save} onClose={onClose}>
      <Labeled label="Name" hint={`Without a name the run is shown as ${run.hash}.`}>
        <input className="field" value={name} autoFocus onChange={(event) => setName(event.target.value)} />
      </Labeled>
      <Labeled label="Description">
        <textarea
          className="field area short"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Labeled>
    </Dialog>
  );
}

function RunFacts({ detail: { run } }: { detail: RunDetail }): ReactNode {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const now = useNow(run.status === 'running');
  const duration = run.status === 'running' ? Math.max(run.duration, now - run.created_at) : run.duration;
  return (
    <>
      {run.description && (
        <p className="run-description">
          <bdi>{run.description}</bdi>
        </p>
      )}
      <ul className="facts-line">
        <li>
          <Link className="text-link" to={href('experiment', { experiment: run.experiment })}>
            <bdi>{run.experiment}</bdi>
          </Link>
        </li>
        <li>
          <DateTime at={run.created_at} />
        </li>
        <li>{durationText(duration)}</li>
        <li className="hash">
          {run.hash !== runName(run) && (
            <code>
              <bdi>{run.hash}</bdi>
            </code>
          )}
          <CopyButton text={run.hash} what="hash" />
        </li>
      </ul>
      <div className="run-tags">
        {run.tags.map((tag) => (
          <TagChip
            key={tag}
            name={tag}
            onRemove={
              readOnly === null
                ? () => void edit([run.id], () => write.edit({ runs: [run.id], field: 'untag', value: tag }))
                : undefined
            }
          />
        ))}
        {readOnly === null && <AddTag runs={[run]} />}
      </div>
    </>
  );
}

function NextSteps({ detail }: { detail: RunDetail }): ReactNode {
  return (
    <>
      <Explore detail={detail} />
      <RunAgainButton detail={detail} />
      <Link className="button outline" to={href('compare', { run: detail.run.id })}>
        <Icon name="diff" />
        Compare
      </Link>
    </>
  );
}

const ENDS: Partial<Record<Run['status'], string>> = {
  stopped: 'The run was stopped',
  killed: 'The run was killed',
};

/** Warnings that affect whether the numbers can be trusted. */
function Troubles({ detail: { run, damaged, reasons } }: { detail: RunDetail }): ReactNode {
  const said = [
    run.error !== null && {
      title: ENDS[run.status] ?? 'The run failed',
      text: run.error,
      code: run.status !== 'stopped',
      tone: run.status === 'stopped' ? 'warn' : 'danger',
    },
    run.dropped > 0 && {
      title: `${run.dropped} calls or points were not recorded`,
      text: 'Their values were invalid, or the disk rejected them. The output of the training names the reasons.',
      code: false,
      tone: 'warn',
    },
    damaged > 0 && {
      title: `${damaged} damaged ${damaged === 1 ? 'place' : 'places'} in the files of this run`,
      text: ['The readable part is shown. Run `aim storage check` to locate the damage.', ...reasons].join('\n'),
      code: false,
      tone: 'warn',
    },
    run.status === 'lost' && {
      title: 'No heartbeat',
      text: `Last heartbeat: ${dateText(run.seen_at)}. The next one sets the run back to running.`,
      code: false,
      tone: 'warn',
    },
  ];
  return said.map(
    (fact) =>
      fact && (
        <div key={fact.title} className={`banner ${fact.tone}`} role={fact.tone === 'danger' ? undefined : 'note'}>
          <Icon name="alert" />
          <div>
            <strong>{fact.title}</strong>
            {fact.code ? (
              <pre tabIndex={0}>
                <bdi>{fact.text}</bdi>
              </pre>
            ) : (
              <p>
                <bdi>{fact.text}</bdi>
              </p>
            )}
          </div>
        </div>
      ),
  );
}
