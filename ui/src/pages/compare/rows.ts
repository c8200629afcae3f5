/** Common and different values of runs as rows of one table, with a cell per run. */
import { contextText, shortKey, textOf } from '../../data/result';
import { namesOf } from '../../explorer/names';
import { dateText, durationText, plural } from '../../text/format';
import type { MetricSummary, RunDetail } from '../../wire';
import { bestValue, isBetter, type Direction, type DirectionOf } from '../../text/direction';
import { leavesOf } from '../../text/leaves';
import { numberOf } from '../run/numbers';
import { compareNames } from '../../text/order';

export interface PlainRow {
  readonly label: string;
  /** undefined for runs without such a value. */
  readonly values: readonly unknown[];
  readonly differs: boolean;
}

export interface MetricRow {
  readonly key: string;
  readonly name: string;
  readonly context: string;
  readonly direction: Direction;
  /** null for runs without such a metric; NaN if its last value is NaN. */
  readonly last: readonly (number | null)[];
  readonly best: readonly (number | null)[];
  readonly differs: boolean;
}

export interface Comparison {
  readonly params: readonly PlainRow[];
  readonly metrics: readonly MetricRow[];
  readonly surroundings: readonly PlainRow[];
  readonly git: readonly PlainRow[];
}

const same = (values: readonly unknown[]): boolean => {
  const [first, ...rest] = values.map((value) => (value === undefined ? undefined : JSON.stringify(value)));
  return rest.every((text) => text === first);
};

function comparedRows(columns: readonly ReadonlyMap<string, unknown>[]): PlainRow[] {
  const labels = new Set(columns.flatMap((column) => [...column.keys()]));
  return [...labels].map((label) => {
    const values = columns.map((column) => column.get(label));
    return { label, values, differs: !same(values) };
  });
}

const flat = (tree: unknown): Map<string, unknown> =>
  new Map(
    typeof tree === 'object' && tree !== null
      ? leavesOf(tree as Record<string, unknown>).map(({ path, value }) => [path.join('.'), value])
      : [],
  );

/** The names of the runs, told apart. */
export function comparedNames(details: readonly RunDetail[]): string[] {
  const params = new Map(details.map(({ run, params }) => [run.id, flat(params)]));
  const paths = [...new Set([...params.values()].flatMap((of) => [...of.keys()]))];
  return namesOf(
    details.map(({ run }) => run),
    paths,
    ({ id }, path) => params.get(id)?.get(path),
  );
}

function about({ run, facts, environment }: RunDetail): Map<string, unknown> {
  const own: [string, unknown][] = [
    ['experiment', run.experiment],
    ['status', run.error ? `${run.status}: ${run.error}` : run.status],
    ['started', dateText(run.created_at)],
    ['duration', durationText(run.duration)],
    ['tags', run.tags.length ? run.tags.join(', ') : undefined],
    ['description', run.description ?? undefined],
  ];
  const { git: _, ...rest } = facts;
  const named = (kind: string, values: Record<string, string> = {}): [string, unknown][] =>
    Object.entries(values).map(([name, value]) => [`${kind} ${name}`, value]);
  return new Map([
    ...own.filter(([, value]) => value !== undefined),
    ...flat(rest),
    ...named('variable', environment?.variables),
    ...named('package', environment?.packages),
  ]);
}

/** Commit, branch and uncommitted changes, by size and a mark that differs if the changes differ. */
function repository({ facts, environment }: RunDetail): Map<string, unknown> {
  const leaves = flat(facts.git);
  const diff = environment?.diff;
  if (diff)
    leaves.set(
      'uncommitted changes',
      `${plural(diff.trimEnd().split('\n').length, 'line')} (${shortKey(diff).slice(0, 7)})`,
    );
  if (environment?.untracked.length) leaves.set('files unknown to git', environment.untracked.join(', '));
  return leaves;
}

const metricKey = (metric: MetricSummary): string => `${metric.name}\n${contextText(metric.context)}`;
const sameNumbers = (values: readonly (number | null)[]): boolean =>
  values.every((value) => Object.is(value, values[0]));

function metricRows(details: readonly RunDetail[], directionOf: DirectionOf): MetricRow[] {
  const columns = details.map((detail) => new Map(detail.metrics.map((metric) => [metricKey(metric), metric])));
  const keys = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort(compareNames);
  return keys.map((key) => {
    const [name = '', context = ''] = key.split('\n');
    const metrics = columns.map((column) => column.get(key));
    const direction = directionOf(name);
    const last = metrics.map((metric) => (metric ? numberOf(metric.last) : null));
    const best = metrics.map((metric) => (metric ? bestValue(numberOf(metric[direction])) : null));
    return { key, name, context, direction, last, best, differs: !sameNumbers(last) || !sameNumbers(best) };
  });
}

export function comparison(details: readonly RunDetail[], directionOf: DirectionOf): Comparison {
  return {
    params: comparedRows(details.map(({ params }) => flat(params))),
    metrics: metricRows(details, directionOf),
    surroundings: comparedRows(details.map(about)),
    git: comparedRows(details.map(repository)),
  };
}

export interface Delta {
  readonly by: number;
  /** Relative to the baseline; null if that is 0. */
  readonly part: number | null;
  readonly better: boolean | null;
}

/** null if either is missing or both are equal. From or to NaN and infinity, `by` is not finite. NaN is worse than any number. */
export function deltaOf(value: number | null, baseline: number | null, direction: Direction): Delta | null {
  if (value === null || baseline === null || Object.is(value, baseline)) return null;
  const by = value - baseline;
  const better = isBetter(value, baseline, direction) || (isBetter(baseline, value, direction) ? false : null);
  return { by, part: baseline === 0 ? null : by / Math.abs(baseline), better };
}

/** The indices of the best values: several if runs are equal, none if all are. Only finite values are good. */
export function winners(values: readonly (number | null)[], direction: Direction): ReadonlySet<number> {
  const there = values.filter((value) => value !== null);
  const finite = there.filter(Number.isFinite);
  if (there.length < 2 || finite.length === 0) return new Set();
  const best = direction === 'min' ? Math.min(...finite) : Math.max(...finite);
  const places = values.flatMap((value, at) => (value === best ? [at] : []));
  return new Set(places.length === there.length ? [] : places);
}

export const cellText = (value: unknown): string => (value === undefined ? '–' : textOf(value));

/** The whole comparison, including folded rows: a line per row. */
export function csvRows(names: readonly string[], of: Comparison): unknown[][] {
  const plain = (part: string, rows: readonly PlainRow[]): unknown[][] =>
    [...rows].sort(differingFirst).map((row) => [part, row.label, '', ...row.values]);
  return [
    ['part', 'name', 'value', ...names],
    ...plain('params', of.params),
    ...[...of.metrics].sort(differingFirst).flatMap((row) => {
      const title = [row.name, row.context].filter(Boolean).join(' ');
      const there = (values: readonly (number | null)[]): unknown[] => values.map((value) => value ?? '');
      return [
        ['metrics', title, 'last', ...there(row.last)],
        ['metrics', title, row.direction, ...there(row.best)],
      ];
    }),
    ...plain('environment', of.surroundings),
    ...plain('git', of.git),
  ];
}

const differingFirst = (a: { differs: boolean }, b: { differs: boolean }): number =>
  Number(b.differs) - Number(a.differs);
