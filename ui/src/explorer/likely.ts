/** What the metrics explorer shows before anything is asked: the metrics that most people want first. */
import type { Day } from '../wire';

/** In the order in which they are wanted. */
export const LIKELY = ['loss', 'acc', 'score', 'auc', 'f1', 'reward'];
export const MOST_METRICS = 4;
/** Of more runs than this only those of the newest days are shown. */
const MOST_RUNS = 1000;

/**
 * Of metrics as a statement names them. `likely`: for each of `LIKELY` those that are named so; `others`: those that
 * most runs have. null where there is none, or where one day has too many runs to show them unasked.
 */
export function openingStatement(
  likely: readonly (readonly string[])[],
  others: readonly string[],
  days: readonly Day[],
): string | null {
  const wanted = likely.flat();
  const metrics = [...new Set(wanted.length > 0 ? wanted : others)].slice(0, MOST_METRICS);
  if (metrics.length === 0) return null;
  const since = sinceOf(days);
  if (since === null) return null;
  return since === '' ? metrics.join(', ') : `${metrics.join(', ')} if run.created_at >= "${since}"`;
}

/** The first of the newest days that together have few enough runs: '' for all days, null for none. */
function sinceOf(days: readonly Day[]): string | null {
  let runs = 0;
  let since: string | null = null;
  for (const { day, runs: more } of [...days].sort((a, b) => (a.day < b.day ? 1 : -1))) {
    runs += more;
    if (runs > MOST_RUNS) return since;
    since = day;
  }
  return '';
}
