/** One supervised command: its output, usage, start and end. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { durationText, plural, sizeText } from '../../text/format';
import { NotFound } from '../../parts/NotFound';
import { Notice } from '../../parts/states';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useNews, useTitle } from '../../parts/useFrame';
import type { LaunchStatus, Process } from '../../wire';
import { RunOutput } from '../../parts/RunOutput';
import { runName } from '../../text/runName';
import { Answer, Card, Sheet } from '../../parts/Sheet';
import { Tabs } from '../../parts/Tabs';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNow } from '../../parts/useNow';
import { Arguments } from './Arguments';
import { askedText, endText, wordOf } from './asked';
import { FactRow } from './CommandCard';
import { useLaunch, type Launch } from './launch';
import { cpuText } from './ProcessList';
import { State } from './State';
import { StopButton } from './StopButton';
import { useEvery } from './useEvery';
import '../run/run.css';
import './processes.css';

const TABS = ['output', 'facts'] as const;
type ProcessTab = (typeof TABS)[number];
const LIVE = 2000;

interface LoadedProcess {
  readonly status: LaunchStatus;
  readonly process: Process;
}

async function look(ask: Launch['ask'], run: string, signal: AbortSignal): Promise<LoadedProcess> {
  const [status, process] = await Promise.all([ask.status(signal), ask.process(run, signal)]);
  return { status, process };
}

export default function ProcessPage(): ReactNode {
  const { ask } = useLaunch();
  const address = useAddress();
  const id = address.get('run') ?? '';
  const asked = useAsked(`process ${id}`, (signal) => look(ask, id, signal));
  const again = usePaced(asked.again);
  const own = asked.data?.process.run.id;
  useNews({ changed: (runs) => (own === undefined || runs.includes(own)) && again(), missed: again });
  useEvery(asked.data?.process.state === 'running' ? LIVE : null, asked.again);
  useTitle(asked.data ? `${runName(asked.data.process.run)} · Process` : 'Process');
  return (
    <Answer of={asked} title="Process" missing={<NoProcess id={id} />}>
      {(loaded) => (
        <ProcessContent
          loaded={loaded}
          tab={TABS.find((tab) => tab === address.get('tab')) ?? 'output'}
          onChanged={asked.again}
        />
      )}
    </Answer>
  );
}

function NoProcess({ id }: { id: string }): ReactNode {
  return (
    <NotFound what="process" name={id} to={href('processes')} all="All processes">
      A run that a script created directly has a run page, but no process here.
    </NotFound>
  );
}

function ProcessContent({
  loaded: { status, process },
  tab,
  onChanged,
}: {
  loaded: LoadedProcess;
  tab: ProcessTab;
  onChanged: () => void;
}): ReactNode {
  const { run, orphan } = process;
  return (
    <Sheet
      title={<bdi>{runName(run)}</bdi>}
      beside={<State state={wordOf(process)} why={process.why} />}
      lead={<ProcessFigures process={process} />}
      actions={
        <>
          <Link className="button outline" to={href('run', { run: run.id })}>
            <Icon name="axis" /> Its run
          </Link>
          {status.allowed && (
            <Link className="button outline" to={href('start', { run: run.id })}>
              <Icon name="reset" /> Re-run
            </Link>
          )}
          {status.allowed && <StopButton process={process} onStopped={onChanged} />}
        </>
      }
    >
      {orphan && (
        <p className="banner warn">
          <Icon name="alert" />
          <span>
            The runner of this command was killed, but the command is still running. Its output and exit status are no
            longer recorded.
          </span>
        </p>
      )}
      <ProcessEnd process={process} />
      <Tabs<ProcessTab>
        label="Parts of the process"
        chosen={tab}
        onChoose={(next) => adjust({ tab: next === 'output' ? null : next })}
        tabs={[
          { value: 'output', label: 'Output' },
          { value: 'facts', label: 'Start' },
        ]}
      >
        {tab === 'output' && <ProcessOutput process={process} />}
        {tab === 'facts' && <ProcessFacts process={process} />}
      </Tabs>
    </Sheet>
  );
}

function ProcessFigures({ process }: { process: Process }): ReactNode {
  const { run, state, memory, processes, queue, trial, pid } = process;
  const alive = state === 'running';
  const now = useNow(alive);
  return (
    <ul className="facts-line">
      <li>
        <DateTime at={run.created_at} />
      </li>
      <li>{durationText(alive ? Math.max(run.duration, now - run.created_at) : run.duration)}</li>
      {alive && process.cpu !== null && <li>CPU {cpuText(process)}</li>}
      {alive && memory !== null && <li>{sizeText(memory)} of memory</li>}
      {alive && processes !== null && processes > 1 && <li>{processes} processes</li>}
      {alive && pid !== null && <li>pid {pid}</li>}
      {queue !== null && (
        <li>
          <Link className="text-link" to={href('queue', { queue })}>
            trial {trial} of its queue
          </Link>
        </li>
      )}
    </ul>
  );
}

function ProcessEnd({ process }: { process: Process }): ReactNode {
  const end = endText(process);
  const { state, run } = process;
  if (end === null) return null;
  const says: Partial<Record<Process['state'], string>> = {
    stopped: 'Stopped',
    failed: 'Failed',
    killed: 'Killed',
    lost: 'No heartbeat',
  };
  return (
    <p className={`banner ${state === 'stopped' ? 'warn' : 'danger'}`}>
      <Icon name="alert" />
      <span>
        <strong>{says[state] ?? 'Ended'}</strong>: <bdi>{end}</bdi>
        {run.finished_at !== null && (
          <>
            , <DateTime at={run.finished_at} />
          </>
        )}
      </span>
    </p>
  );
}

function ProcessFacts({ process }: { process: Process }): ReactNode {
  const { argv, cwd, env, host, pid, asked_by: by, exit_code: code, signal, run } = process;
  const [all, setAll] = useState(false);
  const shown = all ? env : env.slice(0, 20);
  return (
    <div className="cards">
      <Card title="Command" wide count={plural(argv.length, 'argument')}>
        <Arguments argv={argv} label="Arguments of the process" />
      </Card>
      <Card title="Where">
        <dl className="pairs">
          <FactRow name="Program" value={argv[0] ?? ''} />
          <FactRow name="Working folder" value={cwd ?? 'not recorded'} />
          <FactRow name="Host" value={host ?? 'not recorded'} />
          {pid !== null && <FactRow name="Process" value={String(pid)} />}
          <FactRow
            name="Experiment"
            value={
              <Link className="text-link" to={href('experiment', { experiment: run.experiment })}>
                <bdi>{run.experiment}</bdi>
              </Link>
            }
          />
          <FactRow name="Started by" value={askedText(by)} />
          {process.state !== 'running' && (
            <FactRow
              name="Exit"
              value={signal ?? (code === null ? (endText(process) ?? 'not recorded') : `exit status ${code}`)}
            />
          )}
        </dl>
      </Card>
      <Card title="Environment" count={`${env.length} set`}>
        {env.length === 0 ? (
          <p className="quiet">Environment inherited.</p>
        ) : (
          <dl className="pairs">
            {shown.map(({ name, value }) => (
              <FactRow key={name} name={name} value={value ?? <span className="quiet">secret, not recorded</span>} />
            ))}
          </dl>
        )}
        {env.length > shown.length && (
          <button type="button" className="text-link" onClick={() => setAll(true)}>
            Show all {env.length}
          </button>
        )}
      </Card>
    </div>
  );
}

function ProcessOutput({ process: { run, state } }: { process: Process }): ReactNode {
  const alive = state === 'running';
  return (
    <RunOutput
      run={run.id}
      title={runName(run)}
      live={alive}
      empty={
        <Notice icon="terminal" title={alive ? 'No output yet' : 'No output'}>
          {alive && <p>Output appears here as it is printed.</p>}
        </Notice>
      }
    />
  );
}
