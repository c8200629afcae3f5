/** One run: what it is called and does, and everything it recorded, in tabs. */
import { useState, type ReactNode } from 'react';
import { Button } from '../../design/controls';
import { Icon } from '../../design/Icon';
import { CopyButton, Notice } from '../../explorer/states';
import { dateText, durationText, exactDateText } from '../../explorer/format';
import { adjust, href, useAddress } from '../../frame/address';
import { Link } from '../../frame/Link';
import { routeOf } from '../../frame/routes';
import { useFrame, useNews, useTitle } from '../../frame/useFrame';
import type { RunDetail } from '../../wire';
import { ask, metricWord, quoted, write } from '../api';
import { Dialog, Labelled } from '../parts/Dialog';
import { runName } from '../parts/runName';
import { Answer, Sheet } from '../parts/Sheet';
import { Status } from '../parts/Status';
import { Tabs } from '../parts/Tabs';
import { TagChip } from '../parts/TagChip';
import { useAsked, usePaced } from '../parts/useAsked';
import { useEdit } from '../parts/useEdit';
import { useNow } from '../parts/useNow';
import { AddTag } from './AddTag';
import { leavesOf } from './leaves';
import { Metrics } from './Metrics';
import { Notes } from './Notes';
import { Overview } from './Overview';
import { Params } from './Params';
import { Settings } from './Settings';
import './run.css';

const TABS = ['overview', 'params', 'metrics', 'notes', 'settings'] as const;
export type Tab = (typeof TABS)[number];

export default function RunPage(): ReactNode {
  const address = useAddress();
  const id = address.get('run') ?? '';
  const asked = useAsked(`run ${id}`, (signal) => ask.run(id, signal));
  const again = usePaced(asked.again);
  const own = asked.data?.run.id;
  useNews({ changed: (runs) => (own === undefined || runs.includes(own)) && again(), began: again });
  useTitle(asked.data ? runName(asked.data.run) : 'Run');
  return (
    <Answer of={asked} title="Run" missing={<NoRun id={id} />}>
      {(detail) => <Page detail={detail} tab={TABS.find((tab) => tab === address.get('tab')) ?? 'overview'} />}
    </Answer>
  );
}

function NoRun({ id }: { id: string }): ReactNode {
  return (
    <Notice icon="search" title="There is no such run">
      <p>
        No run is called “<bdi>{id}</bdi>”. It may have been deleted, or the link is for another repository.
      </p>
      <Link className="button outline" to={href('dashboard')}>
        Go to the dashboard
      </Link>
    </Notice>
  );
}

function Page({ detail, tab }: { detail: RunDetail; tab: Tab }): ReactNode {
  const { run, metrics, notes, params } = detail;
  return (
    <Sheet title={<bdi>{runName(run)}</bdi>} beside={<Marks detail={detail} />} lead={<Facts detail={detail} />} actions={<Ways detail={detail} />}>
      <Troubles detail={detail} />
      <Tabs<Tab>
        label="Parts of the run"
        chosen={tab}
        onChoose={(next) => adjust({ tab: next === 'overview' ? null : next })}
        tabs={[
          { value: 'overview', label: 'Overview' },
          { value: 'params', label: 'Params', count: leavesOf(params).length },
          { value: 'metrics', label: 'Metrics', count: new Set(metrics.map((metric) => metric.name)).size },
          { value: 'notes', label: 'Notes', count: notes.length },
          { value: 'settings', label: 'Settings' },
        ]}
      >
        {tab === 'overview' && <Overview detail={detail} />}
        {tab === 'params' && <Params params={params} />}
        {tab === 'metrics' && <Metrics key={run.id} run={run} metrics={metrics} />}
        {tab === 'notes' && <Notes run={run} notes={notes} />}
        {tab === 'settings' && <Settings detail={detail} />}
      </Tabs>
    </Sheet>
  );
}

function Marks({ detail: { run } }: { detail: RunDetail }): ReactNode {
  const { readOnly } = useFrame();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <Status status={run.status} />
      {run.archived && <span className="badge grey">archived</span>}
      {readOnly === null && <Button small icon="pencil" tip="Edit name and description" onClick={() => setEditing(true)} />}
      {editing && <EditName run={run} onClose={() => setEditing(false)} />}
    </>
  );
}

function EditName({ run, onClose }: { run: RunDetail['run']; onClose: () => void }): ReactNode {
  const [name, setName] = useState(run.name ?? '');
  const [description, setDescription] = useState(run.description ?? '');
  const { edited } = useFrame();
  const save = async (): Promise<void> => {
    if (name !== (run.name ?? '')) await write.edit({ runs: [run.id], field: 'name', value: name });
    if (description !== (run.description ?? ''))
      await write.edit({ runs: [run.id], field: 'description', value: description });
    edited([run.id]);
  };
  return (
    <Dialog title="Name and description" action="Save" onSave={save} onClose={onClose}>
      <Labelled label="Name" hint={`Without a name it is called ${run.hash}.`}>
        <input className="field" value={name} autoFocus onChange={(event) => setName(event.target.value)} />
      </Labelled>
      <Labelled label="Description">
        <textarea
          className="field area short"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Labelled>
    </Dialog>
  );
}

function Facts({ detail: { run } }: { detail: RunDetail }): ReactNode {
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
        <li title={exactDateText(run.created_at)}>{dateText(run.created_at)}</li>
        <li>{durationText(duration)}</li>
        <li className="hash">
          <code>
            <bdi>{run.hash}</bdi>
          </code>
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
        {readOnly === null && <AddTag run={run} />}
      </div>
    </>
  );
}

const FIRST_METRICS = 6;

function Ways({ detail: { run, metrics } }: { detail: RunDetail }): ReactNode {
  const names = [...new Set(metrics.map((metric) => metric.name))].slice(0, FIRST_METRICS);
  const archived = run.archived ? ' and run.archived' : '';
  return (
    <>
      {names.length > 0 && (
        <Link
          className="button outline"
          to={href('metrics', { q: `${names.map(metricWord).join(', ')} if run.hash == ${quoted(run.hash)}${archived}` })}
        >
          <Icon name="axis" />
          Open in explorer
        </Link>
      )}
      {routeOf('compare') && (
        <Link className="button outline" to={href('compare', { run: run.id })}>
          <Icon name="diff" />
          Compare
        </Link>
      )}
    </>
  );
}

/** What a person has to know before they trust the numbers. */
function Troubles({ detail: { run, damaged } }: { detail: RunDetail }): ReactNode {
  const said = [
    run.error !== null && { title: 'The run ended by an exception', text: run.error, code: true, tone: 'danger' },
    run.dropped > 0 && {
      title: `${run.dropped} points could not be written`,
      text: 'The disk refused them while the training ran, for example because it was full.',
      code: false,
      tone: 'warn',
    },
    damaged > 0 && {
      title: `${damaged} damaged ${damaged === 1 ? 'place' : 'places'} in the files of this run`,
      text: 'What could be read is shown. `aim storage check` says where the damage is.',
      code: false,
      tone: 'warn',
    },
    run.status === 'lost' && {
      title: 'No sign of life',
      text: `Its host was last heard of at ${dateText(run.seen_at)}. It is shown as running again as soon as there is one.`,
      code: false,
      tone: 'warn',
    },
  ];
  return said.map(
    (one) =>
      one && (
        <div key={one.title} className={`banner ${one.tone}`} role={one.tone === 'danger' ? undefined : 'note'}>
          <Icon name="alert" />
          <div>
            <strong>{one.title}</strong>
            {one.code ? (
              <pre tabIndex={0}>
                <bdi>{one.text}</bdi>
              </pre>
            ) : (
              <p>{one.text}</p>
            )}
          </div>
        </div>
      ),
  );
}
