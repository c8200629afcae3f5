/** The rows that match a search. Large tables are searched in slices, so that typing never waits. */
import { useEffect, useMemo, useState } from 'react';
import type { Item } from '../data/result';
import { itemAt } from '../text/lists';
import type { Column } from './columns';
import { finder, findRows } from './rows';

/** Cells that are searched at once. */
const AT_ONCE = 200_000;
/** Milliseconds of a slice. */
const SLICE = 10;

export function useMatchingRows<T extends Item>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  find: string,
): readonly T[] {
  const large = rows.length * columns.length > AT_ONCE && find.trim() !== '';
  const small = useMemo(() => (large ? rows : findRows(rows, columns, find)), [large, rows, columns, find]);
  const [result, setResult] = useState<readonly T[]>(rows);
  useEffect(() => {
    if (!large) {
      setResult(small);
      return undefined;
    }
    const channel = new MessageChannel();
    const fits = finder(columns, find);
    const left: T[] = [];
    let at = 0;
    channel.port1.onmessage = () => {
      for (const end = performance.now() + SLICE; at < rows.length && performance.now() < end; at++) {
        const item = itemAt(rows, at);
        if (fits(item)) left.push(item);
      }
      if (at < rows.length) channel.port2.postMessage(null);
      else setResult(left);
    };
    channel.port2.postMessage(null);
    return () => channel.port1.close();
  }, [large, small, rows, columns, find]);
  return large ? result : small;
}
