/** The rules of a queue that stop a trial early, as a form holds them. */
import type { RuleSet } from '../../wire';
import type { Direction, DirectionOf } from '../../text/direction';

export type Compared = 'none' | 'median' | 'halving';

export interface StopDraft {
  readonly query: string;
  readonly after: number;
}

export interface RulesDraft {
  readonly stops: readonly StopDraft[];
  readonly compared: Compared;
  readonly metric: string;
  /** Null: by the direction of the metric. */
  readonly direction: Direction | null;
  readonly after: number;
  readonly atLeast: number;
  readonly minSteps: number;
  readonly eta: number;
}

export const NO_RULES: RulesDraft = {
  stops: [],
  compared: 'none',
  metric: '',
  direction: null,
  after: 10,
  atLeast: 3,
  minSteps: 10,
  eta: 3,
};

export const directionIn = ({ direction, metric }: RulesDraft, directionOf: DirectionOf): Direction =>
  direction ?? directionOf(metric.trim());

export const lacksMetric = ({ compared, metric }: RulesDraft): boolean => compared !== 'none' && metric.trim() === '';

export function rulesOf(draft: RulesDraft, directionOf: DirectionOf): RuleSet {
  const [metric, direction] = [draft.metric.trim(), directionIn(draft, directionOf)];
  const { compared, after, atLeast, minSteps, eta } = draft;
  return {
    stop: draft.stops
      .filter(({ query }) => query.trim() !== '')
      .map((stop) => ({ query: stop.query.trim(), after: stop.after, metric: null })),
    median: compared === 'median' ? { metric, direction, after, at_least: atLeast } : null,
    halving: compared === 'halving' ? { metric, direction, min_steps: minSteps, eta } : null,
  };
}

/** The first steps at which successive halving compares trials. */
export const rungs = (minSteps: number, eta: number, count = 4): readonly number[] =>
  Array.from({ length: count }, (_, at) => Math.round(minSteps * eta ** at));

/** A rule in words, for the page of a queue. */
export function rulesText({ stop = [], median, halving }: RuleSet): readonly string[] {
  const better = (direction?: Direction): string => (direction === 'max' ? 'highest' : 'lowest');
  return [
    ...stop.map(({ query, after = 0, metric }) =>
      after > 0
        ? `stops trials where ${query}, after ${after} steps${metric ? ` of ${metric}` : ''}`
        : `stops trials where ${query}`,
    ),
    ...(median
      ? [
          `stops trials worse than the median of the others in ${median.metric} (${better(median.direction)} is best), after ${median.after ?? 0} steps`,
        ]
      : []),
    ...(halving
      ? [halvingText(halving.metric, better(halving.direction), halving.min_steps ?? 1, halving.eta ?? 3)]
      : []),
  ];
}

const halvingText = (metric: string, best: string, minSteps: number, eta: number): string =>
  `successive halving over ${metric} (${best} is best): at ${rungs(minSteps, eta, 3).join(', ')}, … steps the best 1/${eta} continues`;
