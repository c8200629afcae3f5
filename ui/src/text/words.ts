/** Names and texts as AimQL writes them. */
import { ESCAPES, WORD } from '../aimql';
import { isReserved } from './aimql';

const NAME = new RegExp(`^${WORD}$`, 'u');
/** A bare name of several parts could be a param, except behind the prefix of a source. */
const METRIC = new RegExp(`^(?:${WORD}|${WORD}:${WORD}(?:\\.${WORD})*)$`, 'u');

/** A text as AimQL writes it. */
export const quoted = (text: string): string =>
  `"${Array.from(text, (letter) => ESCAPES.get(letter) ?? letter).join('')}"`;

const isName = (text: string): boolean => NAME.test(text) && !isReserved(text);

/** A metric's name at the head of a query: quoted unless it reads as a name by itself. */
export const metricWord = (name: string): string => (METRIC.test(name) && !isReserved(name) ? name : quoted(name));

/** The metric of this name from each source, by prefix; an empty one stands for metrics of Aim. */
export const metricWords = (name: string, sources: readonly string[]): string =>
  sources.map((prefix) => (prefix === '' ? metricWord(name) : `${prefix}:${quoted(name)}`)).join(', ');

/** A param as AimQL names it. */
export function paramWord(path: readonly string[]): string {
  if (path.every(isName)) return path.join('.');
  return `params${path.map((part) => `[${quoted(part)}]`).join('')}`;
}

/** A condition of all runs: without one, archived runs are left out. */
export const WITH_ARCHIVED = 'run.archived in (True, False)';
