/**
 * The names of all metrics of the project, from the server's completion of an empty query. Requested once per data
 * source.
 */
import { useEffect, useState } from 'react';
import { useApi, type Api } from '../data/api';
import { plainName } from '../text/statement';

const asked = new WeakMap<Api, Promise<readonly string[]>>();

function namesOf(api: Api): Promise<readonly string[]> {
  const known = asked.get(api);
  if (known) return known;
  const names = api.ask
    .complete('', 0)
    .then(({ items }) => items.filter(({ kind }) => kind === 'metric').map(({ text }) => plainName(text)));
  asked.set(api, names);
  names.catch(() => asked.delete(api));
  return names;
}

export function useMetricNames(): readonly string[] {
  const api = useApi();
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    let here = true;
    namesOf(api).then(
      (all) => here && setNames(all),
      () => undefined,
    );
    return () => {
      here = false;
    };
  }, [api]);
  return names;
}
