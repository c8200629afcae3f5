/** Processes, queues and templates. */
import type { ReactNode } from 'react';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useNews, useTitle } from '../../parts/useFrame';
import type { LaunchStatus, Processes, Queues, Templates } from '../../wire';
import { Answer, Sheet } from '../../parts/Sheet';
import { Tabs } from '../../parts/Tabs';
import { useAsked, usePaced } from '../../parts/useAsked';
import { Icon } from '../../parts/design/Icon';
import { useLaunch, type Launch } from './launch';
import { Off } from './Off';
import { ProcessList } from './ProcessList';
import { QueueList } from './QueueList';
import { TemplateList } from './TemplateList';
import { useEvery } from './useEvery';
import './processes.css';

const TABS = ['processes', 'queues', 'templates'] as const;
type ProcessesTab = (typeof TABS)[number];

interface LoadedProcesses {
  readonly status: LaunchStatus;
  readonly processes: Processes;
  readonly queues: Queues;
  readonly templates: Templates;
}

async function look(ask: Launch['ask'], queue: string | null, signal: AbortSignal): Promise<LoadedProcesses> {
  const [status, processes, queues, templates] = await Promise.all([
    ask.status(signal),
    ask.processes(queue ?? undefined, signal),
    ask.queues(signal),
    ask.templates(signal),
  ]);
  return { status, processes, queues, templates };
}

const BUSY = 2000;
const IDLE = 10_000;

export default function ProcessesPage(): ReactNode {
  const { ask } = useLaunch();
  const queue = useAddress().get('queue');
  const asked = useAsked(`processes ${queue ?? ''}`, (signal) => look(ask, queue, signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, missed: again });
  useTitle('Processes');
  const busy = asked.data !== null && isBusy(asked.data);
  useEvery(asked.data === null ? null : busy ? BUSY : IDLE, asked.again);
  return (
    <Answer of={asked} title="Processes">
      {(loaded) => <ProcessesContent loaded={loaded} onChanged={asked.again} />}
    </Answer>
  );
}

const isBusy = ({ processes, queues }: LoadedProcesses): boolean =>
  processes.processes.some(({ state }) => state === 'running') ||
  queues.queues.some(({ done, state }) => !done && state === 'running');

function ProcessesContent({ loaded, onChanged }: { loaded: LoadedProcesses; onChanged: () => void }): ReactNode {
  const { status, processes, queues, templates } = loaded;
  const address = useAddress();
  const tab = TABS.find((name) => name === address.get('tab')) ?? 'processes';
  const nothing = processes.processes.length === 0 && queues.queues.length === 0 && templates.templates.length === 0;
  return (
    <Sheet
      title="Processes"
      lead={<p>Commands started with aim run, by a queue, or from this page.</p>}
      actions={
        status.allowed && (
          <Link className="button primary" to={href('start')}>
            <Icon name="play" /> Start a command
          </Link>
        )
      }
    >
      {!status.allowed && <Off status={status} />}
      {(status.allowed || !nothing) && (
        <Tabs<ProcessesTab>
          label="Processes, queues and templates"
          chosen={tab}
          onChoose={(next) => adjust({ tab: next === 'processes' ? null : next, find: null, state: null })}
          tabs={[
            { value: 'processes', label: 'Processes', count: processes.total },
            { value: 'queues', label: 'Queues', count: queues.queues.length },
            { value: 'templates', label: 'Templates', count: templates.templates.length },
          ]}
        >
          {tab === 'processes' && (
            <ProcessList list={processes} queues={queues.queues} allowed={status.allowed} onChanged={onChanged} />
          )}
          {tab === 'queues' && <QueueList queues={queues.queues} allowed={status.allowed} />}
          {tab === 'templates' && (
            <TemplateList templates={templates.templates} allowed={status.allowed} onChanged={onChanged} />
          )}
        </Tabs>
      )}
    </Sheet>
  );
}
