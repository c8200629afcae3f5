/** Every supervised command, running ones first. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { FindField } from '../../parts/design/FindField';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { countText, durationText, sizeText } from '../../text/format';
import { Notice } from '../../parts/states';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { Process, Processes, Queue } from '../../wire';
import { PlainTable } from '../../parts/PlainTable';
import { DivergedMark } from '../../parts/Status';
import { runName } from '../../text/runName';
import { useNow } from '../../parts/useNow';
import { CommandText } from './Arguments';
import { endText, wordOf } from './asked';
import { State } from './State';
import { StopButton } from './StopButton';
import { commandLine } from './words';
import '../../explorer/panels.css';

const AT_ONCE = 100;
const STATES = ['running', 'finished', 'failed', 'stopped', 'killed', 'lost'] as const;

export function ProcessList({
  list,
  queues,
  allowed,
  onChanged,
}: {
  list: Processes;
  queues: readonly Queue[];
  allowed: boolean;
  onChanged: () => void;
}): ReactNode {
  const address = useAddress();
  const find = address.get('find') ?? '';
  const state = address.get('state');
  const queue = address.get('queue');
  const [most, setMost] = useState(AT_ONCE);
  const names = new Map(queues.map((item) => [item.id, item.name || item.id]));
  const { processes, total } = list;
  if (processes.length === 0 && queue === null) return <NoProcesses allowed={allowed} />;
  const word = find.trim().toLowerCase();
  const fitting = processes.filter((process) => searchText(process, names).includes(word));
  const shown = fitting.filter((process) => state === null || process.state === state);
  return (
    <>
      <div className="table-find">
        <FindField
          label="Find a process"
          placeholder="Find a command, run or queue"
          value={find}
          onFind={(text) => adjust({ find: text || null }, { replace: true })}
        />
        <StateChips processes={fitting} chosen={state} />
        {queue !== null && (
          <Button small look="outline" icon="close" onClick={() => adjust({ queue: null })}>
            {`Queue ${names.get(queue) ?? queue}`}
          </Button>
        )}
        {total > processes.length && (
          <span className="count">{`the newest ${countText(processes.length)} of ${countText(total)}`}</span>
        )}
      </div>
      {shown.length === 0 ? (
        <p className="quiet">No matching process.</p>
      ) : (
        <ProcessTable processes={shown.slice(0, most)} names={names} allowed={allowed} onChanged={onChanged} />
      )}
      {shown.length > most && (
        <Button look="outline" onClick={() => setMost(most + AT_ONCE)}>
          {`Show ${Math.min(AT_ONCE, shown.length - most)} more`}
        </Button>
      )}
    </>
  );
}

const searchText = ({ argv, run, queue }: Process, names: ReadonlyMap<string, string>): string =>
  [commandLine(argv), run.hash, run.name, run.experiment, queue && names.get(queue)].join(' ').toLowerCase();

function StateChips({ processes, chosen }: { processes: readonly Process[]; chosen: string | null }): ReactNode {
  const counts = new Map<string, number>();
  for (const { state } of processes) counts.set(state, (counts.get(state) ?? 0) + 1);
  const there = STATES.filter((state) => counts.has(state) || state === chosen);
  if (there.length < 2 && chosen === null) return null;
  return (
    <div className="state-chips" role="group" aria-label="State">
      {there.map((state) => (
        <button
          key={state}
          type="button"
          className="chip small"
          aria-pressed={state === chosen}
          onClick={() => adjust({ state: state === chosen ? null : state }, { replace: true })}
        >
          {state} <span className="count">{counts.get(state) ?? 0}</span>
        </button>
      ))}
    </div>
  );
}

function NoProcesses({ allowed }: { allowed: boolean }): ReactNode {
  return (
    <Notice icon="terminal" title="No processes yet">
      <p>
        {allowed ? 'Start a command here or in a terminal:' : 'Start one in a terminal:'}{' '}
        <code>aim run -- python train.py</code>. Its output is recorded with the run, even if the script does not import
        Aim.
      </p>
      {allowed && (
        <Link className="button primary" to={href('start')}>
          <Icon name="play" /> Start a command
        </Link>
      )}
    </Notice>
  );
}

function ProcessTable({
  processes,
  names,
  allowed,
  onChanged,
}: {
  processes: readonly Process[];
  names: ReadonlyMap<string, string>;
  allowed: boolean;
  onChanged: () => void;
}): ReactNode {
  const running = processes.some(({ state }) => state === 'running');
  const now = useNow(running);
  const queued = processes.some(({ queue }) => queue !== null);
  const measured = processes.some(({ cpu }) => cpu !== null);
  return (
    <PlainTable
      label="Table of processes"
      look="process-table"
      head={[
        'Process',
        'State',
        'Command',
        'Experiment',
        queued && 'Queue',
        'Started',
        { label: 'Duration', end: true },
        measured && { label: 'CPU', end: true },
        measured && { label: 'Memory', end: true },
        { label: 'Actions', hidden: true },
      ]}
    >
      {processes.map((process) => (
        <tr key={process.run.id}>
          <ProcessRow
            process={process}
            queue={process.queue && (names.get(process.queue) ?? process.queue)}
            queued={queued}
            measured={measured}
            now={now}
          />
          <td className="end">
            <span className="row-actions">
              {allowed && <StopButton process={process} small onStopped={onChanged} />}
              {allowed && process.state !== 'running' && (
                <Link
                  className="button small"
                  to={href('start', { run: process.run.id })}
                  aria-label={`Re-run ${runName(process.run)}`}
                >
                  <Icon name="reset" size={14} /> Re-run
                </Link>
              )}
            </span>
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

function ProcessRow({
  process,
  queue,
  queued,
  measured,
  now,
}: {
  process: Process;
  queue: string | null;
  queued: boolean;
  measured: boolean;
  now: number;
}): ReactNode {
  const { run, state, argv } = process;
  const alive = state === 'running';
  const end = endText(process);
  return (
    <>
      <th scope="row">
        <Link className="text-link" to={href('process', { run: run.id })}>
          <bdi>{runName(run)}</bdi>
        </Link>{' '}
        <DivergedMark run={run} />
      </th>
      <td>
        <State state={wordOf(process)} why={end ?? process.why} />
        {end !== null && (
          <span className="process-end" title={end}>
            <bdi>{end}</bdi>
          </span>
        )}
      </td>
      <td className="command-cell">
        <CommandText argv={argv} />
      </td>
      <td>
        <Link className="text-link soft" to={href('experiment', { experiment: run.experiment })}>
          <bdi>{run.experiment}</bdi>
        </Link>
      </td>
      {queued && (
        <td>
          {queue !== null && process.queue !== null && (
            <Link className="text-link soft" to={href('queue', { queue: process.queue })}>
              <bdi>{queue}</bdi>
              {process.trial !== null && ` · ${process.trial}`}
            </Link>
          )}
        </td>
      )}
      <td>
        <DateTime at={run.created_at} />
      </td>
      <td className="end number">
        {durationText(alive ? Math.max(run.duration, now - run.created_at) : run.duration)}
      </td>
      {measured && <td className="end number">{cpuText(process)}</td>}
      {measured && <td className="end number">{process.memory === null ? '' : sizeText(process.memory)}</td>}
    </>
  );
}

export const cpuText = ({ cpu }: Process): string => (cpu === null ? '' : `${Math.round(cpu * 100)} %`);
