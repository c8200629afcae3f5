/** What would start of a queue or template that came with the repository, for a person to read and agree to. */
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { useToast } from '../../parts/design/Toast';
import { plural } from '../../text/format';
import { Dialog } from '../../parts/Dialog';
import { useAsked } from '../../parts/useAsked';
import { useFrame } from '../../parts/useFrame';
import type { NamedValue, Preview, QueueDetail, Trial } from '../../wire';
import { Arguments } from './Arguments';
import { FactRow } from './CommandCard';
import { useLaunch } from './launch';
import { queueName } from './QueueList';
import { OPEN } from './trials';
import { trialValueText } from './values';

/** A button and the dialog that shows program, folder, variables and the values of every trial. */
export function ReviewQueue({ detail, onChanged }: { detail: QueueDetail; onChanged: () => void }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="primary" icon="play" onClick={() => setOpen(true)}>
        Review and start
      </Button>
      {open && <ReviewDialog detail={detail} onClose={() => setOpen(false)} onChanged={onChanged} />}
    </>
  );
}

function ReviewDialog({
  detail,
  onClose,
  onChanged,
}: {
  detail: QueueDetail;
  onClose: () => void;
  onChanged: () => void;
}): ReactNode {
  const { ask, write } = useLaunch();
  const toast = useToast();
  const { edited } = useFrame();
  // What was shown when the dialog opened is what is agreed to, whatever the page loads meanwhile.
  const [shown] = useState(detail);
  const { queue, command, params, trials, digest } = shown;
  const open = trials.filter(({ state }) => OPEN.has(state) || state === 'canceled');
  const first = open[0] ?? trials[0];
  const asked = useAsked(`review ${queue.id} ${digest}`, () =>
    ask.preview({ command, values: first ? namedValues(params, first) : [] }),
  );
  const start = async (): Promise<void> => {
    await write.editQueue({ queue: queue.id, agreed: digest });
    edited([]);
    toast({ text: 'Queue started on this machine.' });
    onChanged();
  };
  return (
    <Dialog
      title={`Start “${queueName(queue)}” from elsewhere?`}
      action={`Start ${plural(open.length, 'trial')}`}
      danger
      disabled={asked.data === null}
      onSave={start}
      onClose={onClose}
    >
      {asked.problem && (
        <p className="form-wrong" role="alert">
          <bdi>{asked.problem.message}</bdi>
        </p>
      )}
      {asked.data && <What preview={asked.data} />}
      <TrialValues params={params} trials={open} />
    </Dialog>
  );
}

const namedValues = (params: readonly string[], trial: Trial): NamedValue[] =>
  params.map((name, at) => ({ name, value: trial.values[at] ?? null }));

/** Every trial, because a single one can do something else. */
export function TrialValues({
  params,
  trials,
}: {
  params: readonly string[];
  trials: readonly Pick<Trial, 'number' | 'values'>[];
}): ReactNode {
  if (params.length === 0) return null;
  return (
    <ol className="review-trials" aria-label="Trials to start" tabIndex={0}>
      {trials.map(({ number, values }) => (
        <li key={number} value={number}>
          <code>{params.map((name, at) => `${name}=${trialValueText(values[at])}`).join(', ')}</code>
        </li>
      ))}
    </ol>
  );
}

/** The command as the program gets it. */
export function What({ preview }: { preview: Preview }): ReactNode {
  return (
    <>
      <Arguments argv={preview.argv} label="Arguments that the program gets" />
      <dl className="pairs command-pairs">
        <FactRow name="Program" value={preview.program} />
        <FactRow name="Working folder" value={preview.cwd} />
        {preview.env.map((variable) => (
          <FactRow key={variable.name} name={variable.name} value={variable.value} />
        ))}
      </dl>
    </>
  );
}
