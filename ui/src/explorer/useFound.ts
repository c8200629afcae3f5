/** The rows that hold what is looked for. In a large table they are looked for in slices, so that typing never waits. */
import { useEffect, useMemo, useState } from 'react';
import type { Series } from '../data/result';
import type { Column } from './columns';
import { finder, findRows } from './rows';

/** Cells that are looked through at once. */
const AT_ONCE = 200_000;
/** Milliseconds of a slice. */
const SLICE = 10;

export function useFound(rows: readonly Series[], columns: readonly Column[], find: string): readonly Series[] {
  const large = rows.length * columns.length > AT_ONCE && find.trim() !== '';
  const small = useMemo(() => (large ? rows : findRows(rows, columns, find)), [large, rows, columns, find]);
  const [found, setFound] = useState<readonly Series[]>(rows);
  useEffect(() => {
    if (!large) {
      setFound(small);
      return undefined;
    }
    const channel = new MessageChannel();
    const fits = finder(columns, find);
    const left: Series[] = [];
    let at = 0;
    channel.port1.onmessage = () => {
      for (const end = performance.now() + SLICE; at < rows.length && performance.now() < end; at++)
        if (fits(rows[at])) left.push(rows[at]);
      if (at < rows.length) channel.port2.postMessage(null);
      else setFound(left);
    };
    channel.port2.postMessage(null);
    return () => channel.port1.close();
  }, [large, small, rows, columns, find]);
  return large ? found : small;
}
