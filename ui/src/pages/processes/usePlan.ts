/** A preview from the server: the trials of all values, and the command of one of them. */
import { useSteady } from '../../parts/useSteady';
import { useEffect, useState } from 'react';
import { problemOf } from '../../data/error';
import type { Command, NamedValue, Preview, Problem, QueuePreview } from '../../wire';
import { useLaunch, type Launch } from './launch';
import { spaceOf, tidy } from './values';

export interface PlanRequest {
  readonly command: Command;
  readonly texts: ReadonlyMap<string, string>;
  /** Size of a random sample; null: all combinations. */
  readonly sample: number | null;
  readonly seed: number;
  /** The run that is repeated. */
  readonly run: string | null;
  /** The trial whose command is shown, from 0. */
  readonly chosen: number;
}

export interface Plan {
  readonly trials: QueuePreview | null;
  readonly preview: Preview | null;
  readonly problem: Problem | null;
  /** The shown plan does not match the latest request yet. */
  readonly stale: boolean;
}

const SETTLE = 200;

export const valuesAt = (trials: QueuePreview, at: number): NamedValue[] =>
  trials.params.map((name, column) => ({ name, value: trials.trials[at]?.[column] ?? null }));

async function look(
  ask: Launch['ask'],
  { command, texts, sample, seed, run, chosen }: PlanRequest,
): Promise<Pick<Plan, 'trials' | 'preview'>> {
  const body = tidy(command);
  const trials = await ask.trials({ command: body, space: spaceOf(command, texts), sample, seed });
  const at = Math.min(chosen, trials.trials.length - 1);
  const preview =
    at === 0 && run === null ? trials.first : await ask.preview({ command: body, values: valuesAt(trials, at), run });
  return { trials, preview };
}

export function usePlan(wanted: PlanRequest | null): Plan {
  const { ask } = useLaunch();
  const [plan, setPlan] = useState<Omit<Plan, 'stale'> & { key: string }>({
    trials: null,
    preview: null,
    problem: null,
    key: '',
  });
  const key = wanted === null ? '' : JSON.stringify({ ...wanted, texts: [...wanted.texts] });
  const steady = useSteady(wanted, key);
  useEffect(() => {
    if (steady === null) return undefined;
    let here = true;
    const timer = window.setTimeout(() => {
      look(ask, steady).then(
        (planned) => here && setPlan({ ...planned, problem: null, key }),
        (error: unknown) => here && setPlan((old) => ({ ...old, problem: problemOf(error), key })),
      );
    }, SETTLE);
    return () => {
      here = false;
      window.clearTimeout(timer);
    };
  }, [ask, key, steady]);
  return { ...plan, stale: plan.key !== key };
}
