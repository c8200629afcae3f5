/** Asks for the likely metrics when nothing was asked yet. */
import { useEffect, useState, type ReactNode } from 'react';
import { useApi, type Api } from '../data/api';
import { Skeleton } from '../parts/states';
import { isSystem } from '../text/system';
import { LIKELY, openingStatement } from './likely';

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
  const names = likely.map((found) => found.names.filter((name) => !isSystem(name)));
  if (names.some((some) => some.length > 0)) return openingStatement(names, [], days);
  const metrics = (await ask.facts('', signal)).metrics.filter(({ name }) => !isSystem(name));
  const most = metrics.sort((a, b) => b.runs - a.runs).map(({ name }) => name);
  return openingStatement([], most, days);
}
