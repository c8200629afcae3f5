/** One queue: its progress, live curves, the best trial so far, and every trial with its actions. */
import { DateTime } from '../../parts/DateTime';
import { useSteady } from '../../parts/useSteady';
import { useMemo, useState, type ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { Highlight } from '../../explorer/highlight';
import { colorOfRun } from '../../explorer/style';
import { NotFound } from '../../parts/NotFound';
import { href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useDirections } from '../../parts/directions';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import { WITH_ARCHIVED } from '../../text/words';
import { useSearcher } from '../../parts/useSearcher';
import type { LaunchStatus, QueueDetail } from '../../wire';
import { Answer, Sheet } from '../../parts/Sheet';
import { useAsked, usePaced } from '../../parts/useAsked';
import { RUNS } from '../runs/runTable';
import { Arguments } from './Arguments';
import { askedText } from './asked';
import { Curves } from './Curves';
import { useLaunch, type Launch } from './launch';
import { Elsewhere, QueueActions, Slots } from './QueueActions';
import type { TrialStyle } from './QueueChart';
import { Progress, queueName } from './QueueList';
import { rulesText } from './rules';
import { State } from './State';
import { FromElsewhere } from './FromElsewhere';
import { firstMetric, directionFor, reached, varying } from './trials';
import { TrialTable } from './TrialTable';
import { useEvery } from './useEvery';
import { trialValueText } from './values';
import '../run/run.css';
import './processes.css';

const LIVE = 2000;
const IDLE = 15_000;

interface LoadedQueue {
  readonly status: LaunchStatus;
  readonly detail: QueueDetail;
}

async function look(ask: Launch['ask'], queue: string, signal: AbortSignal): Promise<LoadedQueue> {
  const [status, detail] = await Promise.all([ask.status(signal), ask.queue(queue, signal)]);
  return { status, detail };
}

export default function QueuePage(): ReactNode {
  const { ask } = useLaunch();
  const id = useAddress().get('queue') ?? '';
  const asked = useAsked(`queue ${id}`, (signal) => look(ask, id, signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, missed: again });
  const done = asked.data?.detail.queue.done ?? true;
  useEvery(asked.data === null ? null : done ? IDLE : LIVE, asked.again);
  useTitle(asked.data ? `${queueName(asked.data.detail.queue)} · Queue` : 'Queue');
  return (
    <Answer of={asked} title="Queue" missing={<NoQueue id={id} />}>
      {(loaded) => <QueueContent key={id} loaded={loaded} onChanged={asked.again} />}
    </Answer>
  );
}

function NoQueue({ id }: { id: string }): ReactNode {
  return (
    <NotFound what="queue" name={id} to={href('processes', { tab: 'queues' })} all="All queues">
      It may have been removed; the runs of its trials are kept.
    </NotFound>
  );
}

function QueueContent({
  loaded: { status, detail },
  onChanged,
}: {
  loaded: LoadedQueue;
  onChanged: () => void;
}): ReactNode {
  const { queue, params, trials, rules } = detail;
  const { theme } = useFrame();
  const chosen = useAddress().get('metric');
  const [highlight] = useState(() => new Highlight());
  const directions = useDirections();
  const condition = `run.queue == "${queue.id}" and ${WITH_ARCHIVED}`;
  const [{ result: table }] = useSearcher(RUNS, { q: condition });
  const measured = table?.measured ?? [];
  const metric = measured.find(({ id }) => id === chosen) ?? firstMetric(measured, rules);
  const direction = metric ? directionFor(metric, rules, directions.of) : 'min';
  const places = varying(params, trials);
  const steady = useSteady({ params, trials, places }, JSON.stringify(trials.map(({ number, run }) => [number, run])));
  const positions = (table?.result.runs ?? []).map(({ id, position }): [string, number] => [id, position]);
  const known = useSteady(positions, JSON.stringify(positions));
  const styles = useMemo(() => {
    const { params, trials, places } = steady;
    const positionOf = new Map(known);
    const entries = trials.flatMap((trial): [string, TrialStyle][] => {
      if (trial.run === null) return [];
      const position = positionOf.get(trial.run) ?? trial.number - 1;
      const values = places.map((at) => `${params[at]}=${trialValueText(trial.values[at])}`).join(', ');
      return [[trial.run, { label: `Trial ${trial.number}: ${values}`, color: colorOfRun({ position }, theme) }]];
    });
    return new Map(entries);
  }, [steady, known, theme]);
  const of = (run: string | null) => reached(table, metric, direction, run);
  return (
    <Sheet
      title={<bdi>{queueName(queue)}</bdi>}
      beside={<State state={queue.word} />}
      lead={<QueueLead detail={detail} />}
      actions={<QueueActions detail={detail} allowed={status.allowed} onChanged={onChanged} />}
    >
      {!status.allowed && status.reason && (
        <p className="off-why">
          <Icon name="lock" size={18} />
          <span>
            Changes are turned off: <bdi>{status.reason}</bdi>{' '}
            <Link className="text-link" to={href('processes')}>
              How to turn them on
            </Link>
          </span>
        </p>
      )}
      {!queue.own && (
        <FromElsewhere>
          <p>
            Its trials do not start on this machine unless you review it
            {queue.host !== null && (
              <>
                ; its records say that it belongs to <bdi>{queue.host}</bdi>
              </>
            )}
            .
          </p>
        </FromElsewhere>
      )}
      {queue.own && !queue.here && !queue.done && (
        <Elsewhere queue={queue} allowed={status.allowed} onChanged={onChanged} />
      )}
      <div className="queue-head">
        <Progress queue={queue} />
        <Slots queue={queue} allowed={status.allowed} onChanged={onChanged} />
      </div>
      <Curves
        condition={condition}
        measured={measured}
        metric={metric}
        direction={direction}
        styles={styles}
        highlight={highlight}
        trials={trials}
        params={params}
        places={places}
        of={of}
      />
      <TrialTable
        detail={detail}
        places={places}
        metric={metric}
        direction={direction}
        of={of}
        styles={styles}
        highlight={highlight}
        allowed={status.allowed}
        onChanged={onChanged}
      />
      <About detail={detail} status={status} />
    </Sheet>
  );
}

function QueueLead({ detail: { queue } }: { detail: QueueDetail }): ReactNode {
  return (
    <ul className="facts-line">
      <li>
        made <DateTime at={queue.created_at} />
      </li>
      <li>
        <bdi>{askedText(queue.by)}</bdi>
      </li>
      {queue.template !== null && queue.template_name && (
        <li>
          from{' '}
          <Link className="text-link" to={href('start', { template: queue.template })}>
            <bdi>{queue.template_name}</bdi>
          </Link>
        </li>
      )}
      <li>
        <Link className="text-link" to={href('processes', { queue: queue.id })}>
          its processes
        </Link>
      </li>
    </ul>
  );
}

function About({
  detail: { queue, command, rules },
  status,
}: {
  detail: QueueDetail;
  status: LaunchStatus;
}): ReactNode {
  const said = rulesText(rules);
  const { argv, interpreter, cwd, env = [], experiment } = command;
  return (
    <details className="card about">
      <summary>Command and rules</summary>
      <Arguments argv={interpreter ? [interpreter, ...argv] : argv} template label="Arguments of the command" />
      <p className="quiet">
        in <code>{cwd ?? status.folder}</code>, experiment <bdi>{experiment ?? 'default'}</bdi>
        {env.map(({ name, value }) => (
          <span key={name}>
            , <code>{`${name}=${value}`}</code>
          </span>
        ))}
        {queue.gpus.length > 0 && `, GPUs ${queue.gpus.join(', ')}: one per slot`}
      </p>
      {said.length === 0 ? (
        <p className="quiet">No rules.</p>
      ) : (
        <ul className="off-list">
          {said.map((note) => (
            <li key={note}>
              <bdi>{note}</bdi>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
