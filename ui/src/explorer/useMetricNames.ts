/** The names of all metrics of the project, as the server offers them for an empty query. Asked once a page. */
import { useEffect, useState } from 'react';
import { api } from '../data/api';
import { plainName } from '../text/statement';

let asked: Promise<readonly string[]> | null = null;

const ask = (): Promise<readonly string[]> =>
  api
    .complete('', 0)
    .then(({ items }) => items.filter(({ kind }) => kind === 'metric').map(({ text }) => plainName(text)));

export function useMetricNames(): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    let here = true;
    asked ??= ask();
    asked.then(
      (found) => here && setNames(found),
      () => (asked = null),
    );
    return () => {
      here = false;
    };
  }, []);
  return names;
}
