/** What lists call runs: their names told apart. Runs that share a name, or have none, get the params that tell them apart. */
import { paramOf, textOf, type Item, type Result, type Run } from '../data/result';
import { areSettings, tailOf, toldApart } from '../text/apart';
import { groupedBy, longestOf } from '../text/lists';
import { namesRuns, repeatsRuns, shortParam } from '../text/paramKinds';
import { runName, shortHash } from '../text/runName';
import { tellingColumns } from '../text/telling';

export interface RunNames {
  (run: Run): string;
  /** How many of the last characters stay where room is short. */
  readonly tail?: number;
  /** The length of the longest name. */
  readonly longest?: number;
  /** Whether they are values of the same params. */
  readonly settings?: boolean;
}

export type NamedRuns = Pick<Result<Item>, 'runs' | 'paths'>;

export function runNames({ runs, paths }: NamedRuns): RunNames {
  const texts = namesOf(runs, paths, paramOf);
  const names = new Map(runs.map(({ id }, at) => [id, texts[at] ?? '']));
  return Object.assign((run: Run) => names.get(run.id) ?? runName(run), {
    tail: tailOf(texts),
    longest: longestOf(texts),
    settings: areSettings(texts),
  });
}

type NamedRun = Pick<Run, 'id' | 'hash' | 'name'>;
type ParamsOf<R> = (run: R, path: string) => unknown;

/** In the order of `runs`, of which `paramsOf` gives the params at `paths`. */
export function namesOf<R extends NamedRun>(
  runs: readonly R[],
  paths: readonly string[],
  paramsOf: ParamsOf<R>,
): string[] {
  const namesakes = groupedBy(runs, givenName);
  const given = [...namesakes.keys()];
  const short = toldApart(given.filter((name) => name !== ''));
  if (namesakes.has('')) short.splice(given.indexOf(''), 0, '');
  const texts = new Map<R, string>();
  [...namesakes.values()].forEach((same, at) => {
    const name = short[at] ?? '';
    const more = same.length === 1 && name ? [''] : differences(same, paths, paramsOf);
    same.forEach((run, i) => texts.set(run, [name, more[i]].filter(Boolean).join(' · ')));
  });
  return runs.map((run) => texts.get(run) ?? runName(run));
}

/** An id is no name that someone gave. */
export const givenName = ({ name, hash }: NamedRun): string => name || (shortHash(hash) === hash ? hash : '');

/** More params do not fit into a name. */
const PARAMS = 4;

/** The params that may be in names. Those that repeat or name a run are the last to be. */
function columnsOf<R extends NamedRun>(runs: readonly R[], paths: readonly string[], paramsOf: ParamsOf<R>) {
  return paths.flatMap((path) => {
    const values = runs.map((run) => paramsOf(run, path));
    if (values.some((value) => typeof (value ?? '') === 'object')) return [];
    const texts = values.map(textOf);
    return [{ name: path, texts, last: repeatsRuns(path) || (namesRuns(path) && new Set(texts).size === runs.length) }];
  });
}

/** The params that tell runs apart; a short hash too where these are the same or none. */
function differences<R extends NamedRun>(
  runs: readonly R[],
  paths: readonly string[],
  paramsOf: ParamsOf<R>,
): string[] {
  const columns = columnsOf(runs, paths, paramsOf);
  const telling = tellingColumns(columns, runs.length);
  const names = runs.map((_, row) => {
    const told = (telling[row] ?? []).slice(0, PARAMS).flatMap((at) => columns[at] ?? []);
    return told.flatMap(({ name, texts }) => paramText(name, texts[row] ?? '')).join(' ');
  });
  const alike = groupedBy(names, (name) => name);
  return runs.map(({ id }, row) => {
    const name = names[row] ?? '';
    return name && alike.get(name)?.length === 1 ? name : `${name} ${shortHash(id)}`.trim();
  });
}

/** What a run is called outside of a list. `params`: those that tell it apart if it has no name, by path. */
export function labelOf(run: NamedRun, params: Readonly<Record<string, unknown>>): string {
  const name = givenName(run);
  if (name) return name;
  const telling = Object.entries(params).filter(
    ([path, value]) => !namesRuns(path) && typeof (value ?? '') !== 'object',
  );
  const last = ([path]: [string, unknown]): number => Number(repeatsRuns(path));
  const told = [...telling].sort((a, b) => last(a) - last(b)).slice(0, PARAMS);
  const texts = telling
    .filter((param) => told.includes(param))
    .flatMap(([path, value]) => paramText(path, textOf(value)));
  // So many params alone may not tell it apart.
  if (texts.length === 0 || telling.length > PARAMS) texts.push(shortHash(run.id));
  return texts.join(' ');
}

/** What runs are called where only some of them are at hand. `paths`: the params in which all differ. */
export function labelsBy(some: readonly Run[], paths: readonly string[]): RunNames {
  const columns = columnsOf(some, paths, paramOf);
  const telling = new Set(tellingColumns(columns, some.length).flat());
  // What is the same for these runs may tell the others apart; what varies and is not needed says nothing more.
  const kept = columns.filter(({ texts }, at) => telling.has(at) || texts.every((text) => text === texts[0]));
  const label = (run: Run): string =>
    labelOf(run, Object.fromEntries(kept.map(({ name }) => [name, paramOf(run, name)])));
  const texts = some.map(label);
  return Object.assign(label, { tail: tailOf(texts), settings: areSettings(texts) });
}

const paramText = (path: string, text: string): string[] => (text === '' ? [] : [`${shortParam(path)}=${text}`]);
