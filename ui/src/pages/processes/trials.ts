/** The trials of a queue and the results of their runs: the shown metric, each trial's values, and their order. */
import type { RuleSet, Trial } from '../../wire';
import { bestValue, isBetter, type Direction, type DirectionOf } from '../../text/direction';
import { isSystem } from '../../text/system';
import type { Measured } from '../runs/measured';
import { numberAt, type ListedRuns } from '../runs/runTable';
import { trialValueText, type TrialValue } from './values';
import { compareValues } from '../../text/order';

export const ENDED: ReadonlySet<string> = new Set(['finished', 'failed', 'killed', 'stopped']);
export const OPEN: ReadonlySet<string> = new Set(['waiting', 'starting', 'running']);

/** A rule names a metric with the values of its context after dots: `loss.val`. */
function isCalled({ name, context }: Measured, called: string): boolean {
  const words = Object.values(context).map((value) => trialValueText(value as TrialValue));
  return called === name || called === [name, ...words].join('.');
}

/** The metric to show first: the one that the rules compare, else a loss, else any that is not a system metric. */
export function firstMetric(measured: readonly Measured[], rules: RuleSet): Measured | undefined {
  const named = rules.halving?.metric ?? rules.median?.metric;
  const own = measured.filter((metric) => !isSystem(metric.name));
  return (
    (named === undefined ? undefined : measured.find((metric) => isCalled(metric, named))) ??
    own.find(({ name, contextText }) => /loss/i.test(name) && /val/i.test(name + contextText)) ??
    own.find(({ name }) => /loss/i.test(name)) ??
    own[0] ??
    measured[0]
  );
}

export function directionFor(metric: Measured, rules: RuleSet, directionOf: DirectionOf): Direction {
  const rule = [rules.halving, rules.median].find((item) => item && isCalled(metric, item.metric));
  return rule?.direction ?? directionOf(metric.name);
}

export interface Reached {
  readonly last: number;
  readonly best: number;
}

const NOTHING: Reached = { last: NaN, best: NaN };

export const reached = (
  table: ListedRuns | null,
  metric: Measured | undefined,
  direction: Direction,
  run: string | null,
): Reached =>
  table && metric && run !== null
    ? { last: numberAt(table, run, metric.id, 'last'), best: bestValue(numberAt(table, run, metric.id, direction)) }
    : NOTHING;

/** The best trial; undefined until one has recorded something. */
export function bestOf(
  trials: readonly Trial[],
  of: (trial: Trial) => Reached,
  direction: Direction,
): Trial | undefined {
  let best: Trial | undefined;
  for (const trial of trials) if (isBetter(of(trial).best, best ? of(best).best : NaN, direction)) best = trial;
  return best;
}

/** The sort key of the table: `order`, `state`, `last`, `best`, `duration`, or `p.` and the name of a parameter. */
export type TrialSortKey = string;
export interface Sort {
  readonly key: TrialSortKey;
  readonly down: boolean;
}

export const readSort = (text: string | null): Sort =>
  text === null ? { key: 'order', down: false } : { key: text.replace(/^-/, ''), down: text.startsWith('-') };
export const sortText = ({ key, down }: Sort): string | null =>
  key === 'order' && !down ? null : (down ? '-' : '') + key;

export const durationOf = ({ started_at: from, ended_at: to }: Trial, now: number): number =>
  from === null ? NaN : (to ?? now) - from;

/** NaN if the value is not a number; some are sent as texts. */
export const numeric = (value: TrialValue | undefined): number =>
  typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'number' ? value : NaN;

export function sortedTrials(
  trials: readonly Trial[],
  { key, down }: Sort,
  params: readonly string[],
  of: (trial: Trial) => Reached,
  now: number,
): readonly Trial[] {
  if (key === 'order') return down ? [...trials].reverse() : trials;
  const column = key.startsWith('p.') ? params.indexOf(key.slice(2)) : -1;
  const value = (trial: Trial): TrialValue | undefined => {
    if (column >= 0) return trial.values[column];
    if (key === 'last' || key === 'best') return of(trial)[key];
    return key === 'duration' ? durationOf(trial, now) : key === 'number' ? trial.number : trial.state;
  };
  return [...trials].sort((a, b) => compareValues(value(a), value(b), down));
}

/** The order of all trials after these were moved to the front, or one was moved among the waiting ones. */
export function movedTrial(trials: readonly Trial[], number: number, by: -1 | 1): readonly number[] {
  const order = trials.map((trial) => trial.number);
  const waiting = trials.filter(({ state }) => state === 'waiting').map((trial) => trial.number);
  const other = waiting[waiting.indexOf(number) + by];
  if (other === undefined) return order;
  return order.map((own) => (own === number ? other : own === other ? number : own));
}

/** The parameters in which the trials differ; all of them if there is one trial. */
export const varying = (params: readonly string[], trials: readonly Trial[]): readonly number[] => {
  const places = params.map((_, at) => at);
  const differing = places.filter((at) => trials.some(({ values }) => values[at] !== trials[0]?.values[at]));
  return differing.length > 0 ? differing : places;
};
