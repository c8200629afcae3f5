/** Starts a plan: one process, or a queue of trials. */
import { useState } from 'react';
import { useToast } from '../../parts/design/Toast';
import { href, navigate } from '../../parts/address';
import { useDirections } from '../../parts/directions';
import { useFrame } from '../../parts/useFrame';
import type { Command } from '../../wire';
import { messageOf } from '../../data/error';
import { useLaunch } from './launch';
import type { QueueDraft } from './QueueForm';
import { rulesOf } from './rules';
import { valuesAt, type Plan } from './usePlan';
import { tidy } from './values';

export function useStart({
  command,
  name,
  queue,
  plan,
  template,
  agreed,
}: {
  command: Command;
  name: string;
  queue: QueueDraft;
  plan: Plan;
  template: string | null;
  /** A person has read the command, although it came from elsewhere. */
  agreed: boolean;
}): { busy: boolean; go: () => void } {
  const { write } = useLaunch();
  const toast = useToast();
  const { edited } = useFrame();
  const directions = useDirections();
  const [busy, setBusy] = useState(false);
  const start = async (): Promise<string> => {
    const { trials } = plan;
    if (!trials) throw new Error('The trials are not listed yet. Try again.');
    const body = tidy(command);
    if (trials.trials.length === 1) {
      const { run } = await write.start({
        command: body,
        values: valuesAt(trials, 0),
        name: name.trim() || null,
        template,
        agreed,
      });
      edited([]);
      return href('process', { run });
    }
    const { id } = await write.queue({
      command: body,
      params: trials.params,
      trials: trials.trials,
      name: name.trim(),
      template,
      agreed,
      slots: queue.slots,
      gpus: [...queue.gpus],
      rules: rulesOf(queue.rules, directions.of),
      paused: queue.paused,
    });
    return href('queue', { queue: id });
  };
  const go = (): void => {
    setBusy(true);
    start().then(
      (to) => navigate(to),
      (error: unknown) => {
        setBusy(false);
        toast({ text: messageOf(error), tone: 'danger' });
      },
    );
  };
  return { busy, go };
}
