/** Asks for the likely metrics when nothing was asked yet. */
import { useEffect, useState, type ReactNode } from 'react';
import { useApi, type Api } from '../data/api';
import { Skeleton } from '../parts/states';
import { selectedBy } from '../text/statement';
import { isSystem } from '../text/system';
import { listedWords } from '../text/words';
import { LIKELY, MOST_METRICS, openingStatement } from './likely';
import { LISTED } from './useMetricNames';

interface OpeningProps {
  onOpen: (statement: string) => void;
  /** What is shown where there is nothing to open with. */
  otherwise: ReactNode;
}

export function Opening({ onOpen, otherwise }: OpeningProps): ReactNode {
  const { ask } = useApi();
  const [none, setNone] = useState(false);
  useEffect(() => {
    const abort = new AbortController();
    statementOf(ask, abort.signal).then(
      (statement) => {
        if (abort.signal.aborted) return;
        if (statement === null) setNone(true);
        else onOpen(statement);
      },
      () => !abort.signal.aborted && setNone(true),
    );
    return () => abort.abort();
  }, [ask, onOpen]);
  return none ? otherwise : <Skeleton />;
}

async function statementOf(ask: Api['ask'], signal: AbortSignal): Promise<string | null> {
  const [{ days }, ...likely] = await Promise.all([
    ask.overview(undefined, signal),
    ...LIKELY.map((word) => ask.metricNames(word, 2, signal)),
  ]);
  const words = likely.map((found) => listedWords(found).filter((word) => !isSystem(selectedBy(word).name)));
  if (words.some((some) => some.length > 0)) return openingStatement(words, [], days);
  return openingStatement([], await mostRecorded(ask, signal), days);
}

/** The metrics that most runs have. */
async function mostRecorded(ask: Api['ask'], signal: AbortSignal): Promise<string[]> {
  const metrics = (await ask.facts('', signal)).metrics.filter(({ name }) => !isSystem(name));
  const names = new Set(metrics.sort((a, b) => b.runs - a.runs).map(({ name }) => name));
  const some = [...names].slice(0, MOST_METRICS);
  const found = await Promise.all(some.map((name) => ask.metricNames(name, LISTED, signal)));
  return found.flatMap((answer, at) => listedWords(answer).filter((word) => selectedBy(word).name === some[at]));
}
