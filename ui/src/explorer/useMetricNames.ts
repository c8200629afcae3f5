/** The names of metrics that contain each word of a text, found by the server, which knows all of them. */
import { useEffect, useState } from 'react';
import { useApi } from '../data/api';
import type { MetricNames } from '../wire';

/** As many as a list shows. */
export const LISTED = 300;
/** Milliseconds without another key before the server is asked. */
const RESTS = 120;

interface FoundNames extends MetricNames {
  /** The text that it answers. */
  readonly find: string;
}

/** The last answer; null before the first. While typing it may answer an earlier `find`. */
export function useMetricNames(find: string): FoundNames | null {
  const { ask } = useApi();
  const [named, setNamed] = useState<FoundNames | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(
      () => {
        ask.metricNames(find, LISTED, abort.signal).then(
          (answer) => !abort.signal.aborted && setNamed({ ...answer, find }),
          () => undefined,
        );
      },
      find === '' ? 0 : RESTS,
    );
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [ask, find]);
  return named;
}
