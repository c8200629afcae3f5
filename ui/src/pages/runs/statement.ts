/** From runs that were chosen to the metrics explorer. */
import type { Run } from '../../data/result';
import { metricWords, quoted } from '../../text/words';

const METRICS = 4;

/** The metrics of some runs as a statement. */
export function statementOf(
  runs: readonly Pick<Run, 'hash' | 'archived'>[],
  metrics: readonly string[],
  sourcesOf: (metric: string) => readonly string[],
): string {
  const hashes = runs.map((run) => quoted(run.hash));
  const which = hashes.length === 1 ? `== ${hashes[0]}` : `in (${hashes.join(', ')})`;
  const archived = runs.every((run) => run.archived)
    ? ' and run.archived'
    : runs.some((run) => run.archived)
      ? ' and (run.archived or not run.archived)'
      : '';
  const words = metrics.slice(0, METRICS).map((metric) => metricWords(metric, sourcesOf(metric)));
  return `${words.join(', ') || '*'} if run.hash ${which}${archived}`;
}
