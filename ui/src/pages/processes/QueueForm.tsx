/** The trials of a queue, how many run at once, and the rules that stop one early. */
import type { ReactNode } from 'react';
import { Checkbox, Switch } from '../../parts/design/controls';
import { countText } from '../../text/format';
import type { LaunchStatus, QueuePreview } from '../../wire';
import { Card } from '../../parts/Sheet';
import { NumberField } from './NumberField';
import { NO_RULES, type RulesDraft } from './rules';
import { RulesForm } from './RulesForm';

const MOST = 1000;
const MOST_SLOTS = 256;

export interface QueueDraft {
  readonly random: boolean;
  readonly sample: number;
  readonly seed: number;
  readonly slots: number;
  readonly gpus: readonly string[];
  readonly paused: boolean;
  readonly rules: RulesDraft;
}

export const usualQueue = ({ slots, gpus }: LaunchStatus): QueueDraft => ({
  random: false,
  sample: 20,
  seed: 0,
  slots,
  gpus,
  paused: false,
  rules: NO_RULES,
});

export function QueueForm({
  queue,
  status,
  endless,
  trials,
  onChange,
}: {
  queue: QueueDraft;
  status: LaunchStatus;
  /** A continuous range can only be sampled; there is no grid. */
  endless: boolean;
  trials: QueuePreview | null;
  onChange: (queue: QueueDraft) => void;
}): ReactNode {
  const { random, sample, seed, slots, gpus, paused, rules } = queue;
  const combinations = trials?.combinations ?? null;
  const drawn = random || endless;
  return (
    <>
      <Card title="Combinations" count={combinations === null ? undefined : countText(combinations)}>
        <fieldset className="segments">
          <legend className="hidden-text">Combinations</legend>
          <label className="radio">
            <input
              type="radio"
              checked={!drawn}
              disabled={endless}
              onChange={() => onChange({ ...queue, random: false })}
            />
            All combinations
          </label>
          <label className="radio">
            <input type="radio" checked={drawn} onChange={() => onChange({ ...queue, random: true })} />
            Random sample of N trials
          </label>
        </fieldset>
        {endless && <p className="quiet">A continuous range such as log(1e-5..1e-1) needs a random sample.</p>}
        {drawn && (
          <div className="inline-fields">
            <NumberField
              label="at most"
              unit="trials"
              value={sample}
              min={1}
              max={MOST}
              onChange={(next) => onChange({ ...queue, sample: next })}
            />
            <NumberField
              label="random seed"
              value={seed}
              min={0}
              max={2 ** 53 - 1}
              onChange={(next) => onChange({ ...queue, seed: next })}
            />
            <span className="quiet">The same seed selects the same trials.</span>
          </div>
        )}
      </Card>
      <Card title="Parallel trials">
        <div className="inline-fields">
          <NumberField
            label="Slots"
            value={slots}
            min={1}
            max={gpus.length || MOST_SLOTS}
            onChange={(next) => onChange({ ...queue, slots: next })}
          />
          <span className="quiet">
            {slots === 1 ? 'One trial at a time' : `${slots} trials at a time`}, on this machine with {status.cpus} CPUs
            {status.gpus.length > 0 ? ` and ${status.gpus.length} GPUs.` : ', which has no GPU.'}
          </span>
        </div>
        {status.gpus.length > 0 && <Gpus queue={queue} status={status} onChange={onChange} />}
        <Switch checked={paused} onChange={(on) => onChange({ ...queue, paused: on })}>
          Create paused
        </Switch>
      </Card>
      <Card title="Stop early" count="optional">
        <RulesForm rules={rules} onChange={(next) => onChange({ ...queue, rules: next })} />
      </Card>
    </>
  );
}

/** One GPU per slot, through CUDA_VISIBLE_DEVICES. */
function Gpus({
  queue,
  status,
  onChange,
}: {
  queue: QueueDraft;
  status: LaunchStatus;
  onChange: (queue: QueueDraft) => void;
}): ReactNode {
  const { gpus } = queue;
  const toggle = (gpu: string): void => {
    const next = status.gpus.filter((other) => (other === gpu) !== gpus.includes(other));
    onChange({ ...queue, gpus: next, slots: next.length || status.cpus });
  };
  return (
    <div className="gpus" role="group" aria-label="GPUs">
      {status.gpus.map((gpu) => (
        <span key={gpu} className="gpu">
          <Checkbox checked={gpus.includes(gpu)} label={`GPU ${gpu}`} onChange={() => toggle(gpu)} /> GPU {gpu}
        </span>
      ))}
      <span className="quiet">
        Each slot uses one GPU, set in CUDA_VISIBLE_DEVICES. Without GPUs here, trials see the same GPUs as the server.
      </span>
    </div>
  );
}
