/** Names and texts as AimQL writes them. */
import { ESCAPES, WORD } from '../aimql';
import type { MetricNames } from '../wire';
import { isReserved } from './aimql';

const NAME = new RegExp(`^${WORD}$`, 'u');

/** A text as AimQL writes it. */
export const quoted = (text: string): string =>
  `"${Array.from(text, (letter) => ESCAPES.get(letter) ?? letter).join('')}"`;

const isName = (text: string): boolean => NAME.test(text) && !isReserved(text);

/** A metric at the head of a query: quoted unless its name is a word. `source`: its prefix, empty for metrics of Aim. */
export const metricWord = (name: string, source = ''): string =>
  source === '' ? (isName(name) ? name : quoted(name)) : `${source}:${quoted(name)}`;

/** The metric of this name from each source. */
export const metricWords = (name: string, sources: readonly string[]): string =>
  sources.map((source) => metricWord(name, source)).join(', ');

/** Each listed metric of each source that has it. */
export const listedWords = ({ names, sources }: Pick<MetricNames, 'names' | 'sources'>): string[] =>
  names.flatMap((name, at) => (sources[at] ?? []).map((source) => metricWord(name, source)));

/** A param as AimQL names it. */
export function paramWord(path: readonly string[]): string {
  if (path.every(isName)) return path.join('.');
  return `params${path.map((part) => `[${quoted(part)}]`).join('')}`;
}

/** A condition of all runs: without one, archived runs are left out. */
export const WITH_ARCHIVED = 'run.archived in (True, False)';
