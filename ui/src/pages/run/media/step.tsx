/** The step that media show: one for all of a run, and an own one for each that was let go. */
import { createContext, useCallback, useContext, useEffect, useId, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../../parts/design/controls';
import { inOrder, placeAt, StepRange } from '../../../parts/media/StepRange';
import { countText } from '../../../text/format';
import { itemAt } from '../../../text/lists';

interface SharedStep {
  /** null: the newest. */
  readonly step: number | null;
  /** Those of all media that show it, in order. */
  readonly steps: readonly number[];
  readonly choose: (step: number | null) => void;
  /** Which steps a component has; null: it is gone, or was let go. */
  readonly tell: (who: string, steps: readonly number[] | null) => void;
}

const StepContext = createContext<SharedStep | null>(null);

export function MediaSteps({ children }: { children: ReactNode }): ReactNode {
  const [step, choose] = useState<number | null>(null);
  const [told, setTold] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const tell = useCallback(
    (who: string, steps: readonly number[] | null) =>
      setTold(
        (old) => new Map([...[...old].filter(([other]) => other !== who), ...(steps ? [[who, steps] as const] : [])]),
      ),
    [],
  );
  const steps = useMemo(() => inOrder([...told.values()].flat()), [told]);
  const shared = useMemo(() => ({ step, steps, choose, tell }), [step, steps, tell]);
  return <StepContext value={shared}>{children}</StepContext>;
}

export interface StepChoice {
  readonly steps: readonly number[];
  readonly at: number;
  readonly choose: (index: number) => void;
  /** Whether it shows the step of all; null: there is none. */
  readonly together: boolean | null;
  readonly setTogether: (together: boolean) => void;
}

/** The newest step is chosen until the user chooses another, which stays when new ones arrive. */
export function useStep(steps: readonly number[]): StepChoice {
  const shared = useContext(StepContext);
  const who = useId();
  const [own, setOwn] = useState<number | null>(null);
  const [together, setTogether] = useState(true);
  const tell = together ? shared?.tell : undefined;
  useEffect(() => {
    tell?.(who, steps);
    return () => tell?.(who, null);
  }, [tell, who, steps]);
  const [step, choose, all] = shared && together ? [shared.step, shared.choose, shared.steps] : [own, setOwn, steps];
  return {
    steps,
    at: placeAt(steps, step),
    choose: (index) => {
      const next = itemAt(steps, index);
      choose(next >= (all.at(-1) ?? next) ? null : next);
    },
    together: shared && together,
    setTogether: (next) => {
      if (!next) setOwn(step);
      setTogether(next);
    },
  };
}

/** Chooses a step. The button lets it go from the step of all media, and back to it. */
export function StepSlider({ of, label }: { of: StepChoice; label: string }): ReactNode {
  const { steps, at, choose, together, setTogether } = of;
  const step = steps[at];
  if (step === undefined) return null;
  if (steps.length === 1) return <p className="count step-slider">{`Step ${countText(step)}`}</p>;
  return (
    <div className="slider step-slider">
      <StepRange steps={steps} at={at} label={label} onChange={choose} />
      {together !== null && (
        <Button
          small
          icon={together ? 'link' : 'pin'}
          active={!together}
          aria-pressed={!together}
          tip={together ? 'Keep this step when others move' : 'Move with the others again'}
          onClick={() => setTogether(!together)}
        />
      )}
    </div>
  );
}

/** Moves all that were not let go. */
export function SharedSlider(): ReactNode {
  const shared = useContext(StepContext);
  if (!shared || shared.steps.length < 2) return null;
  const { steps, step, choose } = shared;
  return (
    <span className="slider step-slider shared-step">
      <StepRange
        steps={steps}
        at={placeAt(steps, step)}
        label="Step of all"
        onChange={(index) => choose(index === steps.length - 1 ? null : itemAt(steps, index))}
      />
    </span>
  );
}
