/** All queues, newest first, with their progress. */
import { DateTime } from '../../parts/DateTime';
import type { ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { plural } from '../../text/format';
import { Notice } from '../../parts/states';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { Queue } from '../../wire';
import { askedText } from './asked';
import { ElsewhereMark } from './FromElsewhere';
import { State } from './State';
import { PlainTable } from '../../parts/PlainTable';

export const queueName = ({ name, template_name: template, id }: Queue): string => name || template || id;

export function QueueList({ queues, allowed }: { queues: readonly Queue[]; allowed: boolean }): ReactNode {
  if (queues.length === 0)
    return (
      <Notice icon="list" title="No queues yet">
        <p>
          A queue runs a command with several values, a few trials at a time. Give a parameter several values:{' '}
          <code>0.1, 0.01, 0.001</code>.
        </p>
        {allowed && (
          <Link className="button primary" to={href('start')}>
            <Icon name="play" /> Start a command
          </Link>
        )}
      </Notice>
    );
  return (
    <PlainTable
      label="Table of queues"
      head={['Queue', 'State', 'Trials', { label: 'Slots', end: true }, 'Created', 'Started by']}
    >
      {[...queues]
        .sort((a, b) => b.created_at - a.created_at)
        .map((queue) => (
          <tr key={queue.id}>
            <th scope="row">
              <Link className="text-link" to={href('queue', { queue: queue.id })}>
                <bdi>{queueName(queue)}</bdi>
              </Link>
              {!queue.own && <ElsewhereMark />}
            </th>
            <td>
              <State state={queue.word} />
            </td>
            <td className="progress-cell">
              <Progress queue={queue} />
            </td>
            <td className="end number">{queue.slots}</td>
            <td>
              <DateTime at={queue.created_at} />
            </td>
            <td>
              <bdi>{askedText(queue.by)}</bdi>
            </td>
          </tr>
        ))}
    </PlainTable>
  );
}

const ORDER = ['finished', 'running', 'starting', 'stopped', 'failed', 'killed', 'canceled', 'waiting'] as const;

/** The number of trials in each state, as a bar and in words. */
export function Progress({ queue: { states, trials } }: { queue: Queue }): ReactNode {
  const there = ORDER.filter((state) => (states[state] ?? 0) > 0);
  return (
    <div className="queue-progress">
      <div className="queue-bar" aria-hidden="true">
        {there.map((state) => (
          <span
            key={state}
            className={`part ${state}`}
            style={{ width: `${((states[state] ?? 0) / Math.max(1, trials)) * 100}%` }}
          />
        ))}
      </div>
      <span className="count">
        {plural(trials, 'trial')}
        {there.length > 0 && `: ${there.map((state) => `${states[state]} ${state}`).join(', ')}`}
      </span>
    </div>
  );
}
