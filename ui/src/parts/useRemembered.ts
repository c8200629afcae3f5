/** A value that this browser remembers for this repository. */
import { useCallback, useEffect, useState } from 'react';
import { recall, remember } from './memory';
import { useFrame } from './useFrame';

/** `fallback`: a constant. */
export function useRemembered<T>(name: string, fallback: T): [T, (change: (before: T) => T) => void] {
  const storage = `${name}:${useFrame().server.project?.root ?? ''}`;
  const [value, setValue] = useState(() => recall(storage, fallback));
  useEffect(() => setValue(recall(storage, fallback)), [storage, fallback]);
  const change = useCallback(
    (change: (before: T) => T) =>
      setValue((before) => {
        const next = change(before);
        remember(storage, next);
        return next;
      }),
    [storage],
  );
  return [value, change];
}
