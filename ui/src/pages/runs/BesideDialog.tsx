/** Which metric to show where which other one is best. */
import { useState, type ReactNode } from 'react';
import { Choice } from '../../parts/design/controls';
import { Dialog, Labeled } from '../../parts/Dialog';
import type { Beside } from './reducers';
import type { Measured } from './measured';

const SIDES = [
  { value: 'min', label: 'is lowest' },
  { value: 'max', label: 'is highest' },
] as const;

export function BesideDialog({
  metric,
  measured,
  onAdd,
  onClose,
}: {
  /** The one whose column was asked. */
  metric: string;
  measured: readonly Measured[];
  onAdd: (beside: Beside) => void;
  onClose: () => void;
}): ReactNode {
  const others = measured.filter(({ id }) => id !== metric);
  const liked = others.find(({ id }) => /loss.*val|val.*loss/i.test(id)) ?? others[0];
  const [shown, setShown] = useState(metric);
  const [side, setSide] = useState<Beside['side']>('min');
  const [by, setBy] = useState(liked?.id ?? metric);
  const options = measured.map(({ id, name, contextText }) => ({
    value: id,
    label: contextText ? `${name} (${contextText})` : name,
  }));
  return (
    <Dialog
      title="Metric where another one is best"
      action="Add column"
      disabled={shown === by}
      onSave={async () => onAdd({ metric: shown, side, by })}
      onClose={onClose}
    >
      <Labeled label="Show">
        <Choice label="Metric to show" value={shown} options={options} onChange={setShown} />
      </Labeled>
      <Labeled label="where">
        <Choice label="Metric to optimize" value={by} options={options} onChange={setBy} />
      </Labeled>
      <Labeled
        label="in its run"
        hint="The first best point is used. If the metric to show has no point at that step, its nearest earlier point is used."
      >
        <Choice label="Which point" value={side} options={SIDES} onChange={setSide} />
      </Labeled>
    </Dialog>
  );
}
