/** The condition on the runs that the home page lists, and those of them that are drawn. */
import type { Run } from '../../data/result';
import { IDS_AT_ONCE } from '../../data/searcher';
import { charactersAt } from '../../text/positions';
import { quoted, WITH_ARCHIVED } from '../../text/words';
import { MOST, type WallView } from './wallView';

/** The condition on the listed runs, and how many characters of it are before the one that was typed. */
export function conditionOf({ runs, experiment }: Pick<WallView, 'runs' | 'experiment'>): {
  readonly q: string;
  readonly before: number;
} {
  const typed = runs.trim() ? runs : '';
  if (experiment === null) return { q: typed, before: 0 };
  const own = `run.experiment == ${quoted(experiment)}`;
  if (!typed) return { q: own, before: 0 };
  const before = `${own} and (`;
  return { q: `${before}${typed})`, before: charactersAt(before, before.length) };
}

/** Ids of the drawn runs: the baseline, those that were added, and the newest. Hidden ones are among them. */
export function drawnRuns(
  listed: readonly Pick<Run, 'id'>[],
  { newest, add, baseline }: Pick<WallView, 'newest' | 'add' | 'baseline'>,
): readonly string[] {
  const first = baseline === null ? add : [baseline, ...add];
  return [...new Set([...first, ...listed.slice(0, newest).map(({ id }) => id)])].slice(0, MOST);
}

/** Shows a run that is not in sight, or hides it. */
export function toggled(
  id: string,
  listed: readonly Pick<Run, 'id'>[],
  view: Pick<WallView, 'newest' | 'add' | 'hide' | 'baseline'>,
): Pick<WallView, 'add' | 'hide'> {
  const isDrawn = (add: readonly string[]): boolean => drawnRuns(listed, { ...view, add }).includes(id);
  const hide = view.hide.filter((other) => other !== id);
  if (!isDrawn(view.add) || hide.length < view.hide.length)
    return { add: isDrawn(view.add) ? view.add : [...view.add, id], hide };
  const add = view.add.filter((other) => other !== id);
  return { add, hide: isDrawn(add) ? [...hide, id] : hide };
}

/** The condition on these runs alone. A text of many ids is shorter in an address than a list of them. */
export function conditionOn(ids: readonly string[]): string {
  const among = ids.length > IDS_AT_ONCE ? quoted(ids.join(' ')) : `(${ids.map(quoted).join(', ')})`;
  return `run.id in ${among} and ${WITH_ARCHIVED}`;
}
