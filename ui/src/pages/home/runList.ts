/** The runs that the home page lists, newest first, and those of them that are drawn. */
import type { Run } from '../../data/result';
import type { Question } from '../../data/searcher';
import { quoted } from '../../text/words';
import { askPart, NO_COLUMNS } from '../runs/ask';
import { MOST, type WallView } from './wallView';

interface ListQuestion {
  readonly q: string;
  readonly find: string;
  readonly limit: number;
}

export interface RunListAnswer {
  readonly runs: readonly Run[];
  /** Of their params. */
  readonly paths: readonly string[];
  readonly matched: number;
  readonly listed: number;
  readonly notes: readonly string[];
  readonly revision: string;
}

/** A whole list again is cheap, and a new run moves all others. */
export const RUN_LIST: Question<ListQuestion, RunListAnswer> = {
  ask: async (source, { q, find, limit }, signal) => {
    const wanted = { q, sort: [], find, reducers: '', group: null };
    const { head, table } = await askPart(source, wanted, NO_COLUMNS, { offset: 0, limit }, signal);
    const { runs, paths, notes, revision } = table.result;
    return { runs, paths, matched: head.matched, listed: head.listed, notes, revision };
  },
  renew: (source, wanted, signal, before) => RUN_LIST.ask(source, wanted, signal, () => undefined, before),
  pause: 1000,
  revision: ({ revision }) => revision,
  found: ({ runs }) => runs.length > 0,
};

/** The condition on the listed runs. */
export function conditionOf({ runs, experiment }: Pick<WallView, 'runs' | 'experiment'>): string {
  const condition = runs.trim();
  if (experiment === null) return condition;
  const own = `run.experiment == ${quoted(experiment)}`;
  return condition ? `${own} and (${condition})` : own;
}

/** Ids of the drawn runs: the baseline, those that were added, and the newest. Hidden ones are among them. */
export function drawnRuns(
  listed: readonly Pick<Run, 'id'>[],
  { newest, add, baseline }: Pick<WallView, 'newest' | 'add' | 'baseline'>,
): readonly string[] {
  const first = baseline === null ? add : [baseline, ...add];
  return [...new Set([...first, ...listed.slice(0, newest).map(({ id }) => id)])].slice(0, MOST);
}

/** Shows or hides a run. */
export function toggled(
  id: string,
  drawn: readonly string[],
  { add, hide }: Pick<WallView, 'add' | 'hide'>,
): Pick<WallView, 'add' | 'hide'> {
  if (hide.includes(id)) return { add, hide: hide.filter((one) => one !== id) };
  if (add.includes(id)) return { add: add.filter((one) => one !== id), hide };
  return drawn.includes(id) ? { add, hide: [...hide, id] } : { add: [...add, id], hide };
}

export const EVERY = 'run.archived in (True, False)';

/** A statement for some metrics of these runs alone. */
export const statementOf = (metrics: string, ids: readonly string[]): string =>
  `${metrics} if run.id in (${ids.map(quoted).join(', ')}) and ${EVERY}`;
