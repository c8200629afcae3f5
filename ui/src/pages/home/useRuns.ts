/** What the server says about the drawn runs: those beside the list, and the metrics of all. */
import { useEffect, useMemo, useState } from 'react';
import { useApi } from '../../data/api';
import type { Run } from '../../data/result';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews } from '../../parts/useFrame';
import { IDS_AT_ONCE } from '../../data/searcher';
import { inParts } from '../../text/lists';
import type { MetricNames } from '../../wire';
import { conditionOn } from './runList';

/** The drawn runs that are not in the list. */
export function useOthers(listed: readonly Run[], drawn: readonly string[]): readonly Run[] {
  const { ask } = useApi();
  const missing = useMemo(() => {
    const known = new Set(listed.map(({ id }) => id));
    return drawn.filter((id) => !known.has(id));
  }, [listed, drawn]);
  const asked = useAsked(`others ${missing.join()}`, async (signal) => {
    const parts = inParts(missing, IDS_AT_ONCE).map((ids) => ask.runs(conditionOn(ids), signal));
    return (await Promise.all(parts)).flat();
  });
  return asked.data ?? NONE;
}

const NONE: readonly Run[] = [];
const ALL_NAMES = 10_000;

export interface WallNames {
  readonly names: readonly string[];
  readonly matched: number;
  /** The prefixes of all sources that have one of them. */
  readonly sources: readonly string[];
}

const namesOf = ({ names, matched, sources }: MetricNames): WallNames => ({
  names,
  matched,
  sources: [...new Set(sources.flat())],
});

/**
 * The metrics of the drawn runs; those of the runs before stay until they are known. Where there are too many for one
 * answer, the server finds those with the words of `find`.
 */
export function useMetrics(
  drawn: readonly string[],
  find: string,
): {
  names: WallNames | null;
  again: () => void;
  failed: boolean;
} {
  const { ask } = useApi();
  const ids = drawn.join();
  const [last, keep] = useState<WallNames | null>(null);
  const { data, again, problem } = useAsked(`metrics ${ids}`, async (signal): Promise<WallNames> =>
    ids === '' ? { names: [], matched: 0, sources: [] } : namesOf(await ask.metricNames('', ALL_NAMES, signal, ids)),
  );
  const rest = find.trim() !== '' && data !== null && data.matched > data.names.length;
  const found = useAsked(`found ${rest ? `${find} ${ids}` : ''}`, async (signal): Promise<WallNames | null> =>
    rest ? namesOf(await ask.metricNames(find, ALL_NAMES, signal, ids)) : null,
  );
  useEffect(() => {
    if (data) keep(data);
  }, [data]);
  const allAgain = (): void => {
    again();
    found.again();
  };
  const soon = usePaced(allAgain, 2000);
  useNews({ changed: (runs) => drawn.some((id) => runs.includes(id)) && soon(), missed: soon });
  return { names: found.data ?? data ?? last, again: allAgain, failed: (found.problem ?? problem) !== null };
}
