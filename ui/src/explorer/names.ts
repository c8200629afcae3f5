/** What lists call runs: their names told apart. Runs that share a name, or have none, get the params in which they differ. */
import { paramOf, textOf, type Item, type Result, type Run } from '../data/result';
import { toldApart } from '../text/apart';
import { groupedBy } from '../text/lists';
import { runName, shortHash } from '../text/runName';
import { varyingParams } from './channels';

export type RunNames = (run: Run) => string;

export type NamedRuns = Pick<Result<Item>, 'runs' | 'paths'>;

/** More do not fit into a name. */
const PARAMS = 4;

export function runNames({ runs, paths }: NamedRuns): RunNames {
  const namesakes = groupedBy(runs, givenName);
  const given = [...namesakes.keys()];
  const short = toldApart(given.filter((name) => name !== ''));
  if (namesakes.has('')) short.splice(given.indexOf(''), 0, '');
  const texts = new Map<string, string>();
  [...namesakes.values()].forEach((same, at) => {
    const name = short[at] ?? '';
    const more = same.length === 1 && name ? [''] : differences({ runs: same, paths });
    same.forEach((run, i) => texts.set(run.id, [name, more[i]].filter(Boolean).join(' · ')));
  });
  return (run) => texts.get(run.id) ?? runName(run);
}

/** An id is no name that someone gave. */
const givenName = ({ name, hash }: Run): string => name || (shortHash(hash) === hash ? hash : '');

/** The params in which runs differ; a short hash where these are the same or none. */
function differences({ runs, paths }: NamedRuns): string[] {
  const plain = (path: string): boolean => runs.every((run) => typeof (paramOf(run, path) ?? '') !== 'object');
  const differing = varyingParams({ runs, paths }).filter(plain).slice(0, PARAMS);
  const texts = runs.map((run) => differing.flatMap((path) => paramText(path, paramOf(run, path))).join(' '));
  const alike = groupedBy(texts, (text) => text);
  return runs.map(({ id }, at) => {
    const text = texts[at] ?? '';
    return text && alike.get(text)?.length === 1 ? text : `${text} ${shortHash(id)}`.trim();
  });
}

const paramText = (path: string, value: unknown): string[] =>
  value === undefined ? [] : [`${path.slice(path.lastIndexOf('.') + 1)}=${textOf(value)}`];
