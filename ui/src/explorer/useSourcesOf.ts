/** The sources that have the metrics of some runs, for statements about these. */
import { useMemo } from 'react';
import { useApi } from '../data/api';
import { IDS_AT_ONCE } from '../data/searcher';
import { useAsked } from '../parts/useAsked';

const ALL_NAMES = 10_000;
const OWN = [''];

/** Gives the prefixes of a metric's sources; until the server has answered, that of Aim. */
export function useSourcesOf(runs: readonly string[]): (metric: string) => readonly string[] {
  const { ask } = useApi();
  const ids = runs.slice(0, IDS_AT_ONCE).join();
  const { data } = useAsked(`sources ${ids}`, async (signal) =>
    ids === '' ? null : ask.metricNames('', ALL_NAMES, signal, ids),
  );
  return useMemo(() => {
    const known = new Map(data?.names.map((name, at) => [name, data.sources[at] ?? OWN]));
    return (metric) => known.get(metric) ?? OWN;
  }, [data]);
}
