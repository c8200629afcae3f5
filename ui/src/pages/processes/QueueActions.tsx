/** Actions for a whole queue: pause, resume, cancel, remove, and the number of slots. */
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { Menu } from '../../parts/design/Menu';
import { countText, plural } from '../../text/format';
import { href, navigate } from '../../parts/address';
import type { Queue, QueueDetail } from '../../wire';
import { Dialog } from '../../parts/Dialog';
import { useEdit } from '../../parts/useEdit';
import { useLaunch } from './launch';
import { queueName } from './QueueList';
import { ReviewQueue } from './Review';
import { OPEN } from './trials';

export function QueueActions({
  detail,
  allowed,
  onChanged,
}: {
  detail: QueueDetail;
  allowed: boolean;
  onChanged: () => void;
}): ReactNode {
  const { queue, trials } = detail;
  const { write } = useLaunch();
  const edit = useEdit();
  const [asking, setAsking] = useState<'cancel' | 'remove' | null>(null);
  if (!allowed) return null;
  const { id, state, done, own } = queue;
  const open = trials.some((trial) => OPEN.has(trial.state));
  const put = (next: Queue['state'], said: string): void =>
    void edit([], () => write.editQueue({ queue: id, state: next }), said).then(onChanged);
  const failed = trials
    .filter((trial) => trial.state === 'failed' || trial.state === 'killed')
    .map(({ number }) => number);
  const retry = (): void =>
    void edit(
      [],
      () => write.trials({ queue: id, trials: failed, action: 'retry' }),
      `Retrying ${plural(failed.length, 'trial')}.`,
    ).then(onChanged);
  return (
    <>
      {!own && <ReviewQueue detail={detail} onChanged={onChanged} />}
      {own && state === 'running' && !done && (
        <Button look="outline" icon="pause" onClick={() => put('paused', 'Queue paused. Running trials continue.')}>
          Pause
        </Button>
      )}
      {own && state !== 'running' && (
        <Button look="primary" icon="play" onClick={() => put('running', 'Queue resumed.')}>
          Resume
        </Button>
      )}
      {own && state !== 'canceled' && open && (
        <Button look="danger" icon="stop" onClick={() => setAsking('cancel')}>
          Cancel
        </Button>
      )}
      <Menu
        icon="more"
        look="outline"
        aria-label="More for this queue"
        label="More for this queue"
        end
        items={[
          { label: 'Re-run with changes', icon: 'reset', onSelect: () => navigate(href('start', { queue: id })) },
          {
            label: `Retry ${countText(failed.length)} failed`,
            icon: 'play',
            disabled: failed.length === 0 || !own,
            onSelect: retry,
          },
          { label: 'Remove queue', icon: 'trash', onSelect: () => setAsking('remove') },
        ]}
      />
      {asking === 'cancel' && <Cancel queue={queue} onClose={() => setAsking(null)} onChanged={onChanged} />}
      {asking === 'remove' && <Remove queue={queue} onClose={() => setAsking(null)} />}
    </>
  );
}

/** Another machine starts the trials: the one where the queue was created or last resumed. */
export function Elsewhere({
  queue,
  allowed,
  onChanged,
}: {
  queue: Queue;
  allowed: boolean;
  onChanged: () => void;
}): ReactNode {
  const { write } = useLaunch();
  const edit = useEdit();
  const { id, state, host } = queue;
  return (
    <div className="banner warn">
      <Icon name="alert" />
      <p>
        Its trials start on <bdi>{host ?? 'another machine'}</bdi>, where the queue was created or last resumed.{' '}
        {allowed && (
          <Button
            small
            look="outline"
            onClick={() =>
              void edit([], () => write.editQueue({ queue: id, state }), 'Its trials now start on this machine.').then(
                onChanged,
              )
            }
          >
            Start here
          </Button>
        )}
      </p>
    </div>
  );
}

function Cancel({
  queue,
  onClose,
  onChanged,
}: {
  queue: Queue;
  onClose: () => void;
  onChanged: () => void;
}): ReactNode {
  const { write } = useLaunch();
  const running = (queue.states.running ?? 0) + (queue.states.starting ?? 0);
  return (
    <Dialog
      title={`Cancel “${queueName(queue)}”?`}
      action="Cancel queue"
      keep="Keep queue"
      danger
      onSave={() => write.editQueue({ queue: queue.id, state: 'canceled' }).then(onChanged)}
      onClose={onClose}
    >
      <p>
        {plural(queue.states.waiting ?? 0, 'trial')} will not start.
        {running > 0 &&
          ` ${plural(running, 'trial')} that ${running === 1 ? 'runs' : 'run'} now ${running === 1 ? 'is' : 'are'} stopped: SIGINT, after 10 seconds SIGTERM, after 10 more SIGKILL.`}
      </p>
      <p>To let running trials finish, pause the queue instead. Recorded data is kept either way.</p>
    </Dialog>
  );
}

function Remove({ queue, onClose }: { queue: Queue; onClose: () => void }): ReactNode {
  const { write } = useLaunch();
  return (
    <Dialog
      title={`Remove “${queueName(queue)}”?`}
      action="Remove"
      danger
      onSave={() =>
        write.deleteQueue(queue.id).then(() => navigate(href('processes', { tab: 'queues' }), { replace: true }))
      }
      onClose={onClose}
    >
      <p>The list of trials is removed. Its runs are kept with all of their data.</p>
    </Dialog>
  );
}

const MOST_SLOTS = 256;

export function Slots({
  queue,
  allowed,
  onChanged,
}: {
  queue: Queue;
  allowed: boolean;
  onChanged: () => void;
}): ReactNode {
  const { write } = useLaunch();
  const edit = useEdit();
  const { id, slots } = queue;
  const put = (next: number): void => void edit([], () => write.editQueue({ queue: id, slots: next })).then(onChanged);
  return (
    <div className="slots" role="group" aria-label="Slots">
      {allowed && (
        <Button
          small
          look="outline"
          tip="One slot fewer"
          icon="minus"
          disabled={slots === 0}
          onClick={() => put(slots - 1)}
        />
      )}
      <span aria-live="polite">{plural(slots, 'slot')}</span>
      {allowed && (
        <Button
          small
          look="outline"
          tip="One slot more"
          icon="plus"
          disabled={slots >= (queue.gpus.length || MOST_SLOTS)}
          onClick={() => put(slots + 1)}
        />
      )}
      {slots === 0 && <span className="quiet">nothing starts</span>}
    </div>
  );
}
