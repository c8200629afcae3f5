/** Params that only tell the repeats of a run apart, such as a seed, and the view that averages over them. */
import { paramOf, textOf } from '../data/result';
import { namesRuns, repeatsRuns } from '../text/paramKinds';
import { varyingParams } from './channels';
import type { NamedRuns } from './names';
import { regrouped } from './visibility';
import { DEFAULT_VIEW, type View } from './view/view';

export interface Repeats {
  /** The params that runs are averaged over. */
  readonly params: readonly string[];
  /** Those that make no group either, because they name each run, such as its folder. */
  readonly names: readonly string[];
}

/** By their name, or the only one that differs. */
export function repeatsOf(runs: NamedRuns): Repeats {
  const varying = varyingParams(runs);
  const known = varying.filter(repeatsRuns);
  const params = known.length > 0 || varying.length > 1 ? known : varying;
  const other = varying.filter((path) => !params.includes(path));
  return { params, names: other.filter((path) => namesRuns(path) && differsInEach(runs, path)) };
}

const differsInEach = ({ runs }: NamedRuns, path: string): boolean =>
  new Set(runs.map((run) => textOf(paramOf(run, path)))).size === runs.length;

const excludedFields = ({ params, names }: Repeats): string[] => [...params, ...names].map((path) => `params.${path}`);

export const averages = (view: View, repeats: Repeats): boolean =>
  view.group && view.allBut.includes('color') && view.color.join('\n') === excludedFields(repeats).join('\n');

/** A group consists of the runs that differ only in `repeats`: no channel tells single runs apart. */
export function averaged(view: View, repeats: Repeats): Partial<View> {
  const shared = (fields: readonly string[]): string[] => fields.filter((id) => !SINGLE.has(id) && !own.has(id));
  const own = new Set(excludedFields(repeats));
  return {
    ...regrouped(view),
    color: excludedFields(repeats),
    allBut: ['color'],
    off: view.off.filter((channel) => channel !== 'color'),
    stroke: view.allBut.includes('stroke') ? DEFAULT_VIEW.stroke : shared(view.stroke),
    chart: view.allBut.includes('chart') ? DEFAULT_VIEW.chart : shared(view.chart),
    group: true,
    pin: null,
  };
}

const SINGLE: ReadonlySet<string> = new Set(['run.hash', 'run.name']);

export const single = (view: View): Partial<View> => ({
  ...regrouped(view),
  color: DEFAULT_VIEW.color,
  allBut: [],
  group: false,
  pin: null,
});
