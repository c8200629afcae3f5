/** A slider over steps, with one stop per step, whatever the distances. */
import type { ReactNode } from 'react';
import { countText } from '../../text/format';
import { itemAt } from '../../text/lists';

/** Each step once, in order. */
export const inOrder = (steps: readonly number[]): number[] => [...new Set(steps)].sort((a, b) => a - b);

export const stepsOf = (values: readonly { readonly step: number }[]): number[] =>
  inOrder(values.map(({ step }) => step));

/** The place of the last step that is not after this one; the newest for null. */
export function placeAt(steps: readonly number[], step: number | null): number {
  const after = step === null ? -1 : steps.findIndex((other) => other > step);
  return Math.max(0, (after < 0 ? steps.length : after) - 1);
}

interface StepRangeProps {
  readonly steps: readonly number[];
  readonly at: number;
  readonly label: string;
  readonly onChange: (index: number) => void;
}

export function StepRange({ steps, at, label, onChange }: StepRangeProps): ReactNode {
  const step = itemAt(steps, at);
  return (
    <>
      <input
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={at}
        aria-label={label}
        aria-valuetext={`step ${step}`}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output className="count">
        Step <strong>{countText(step)}</strong>
        {` of ${countText(itemAt(steps, steps.length - 1))}`}
      </output>
    </>
  );
}
