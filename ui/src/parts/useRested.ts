/** A value that changes fast, such as a text that is typed, once it has rested. */
import { useEffect, useState } from 'react';

/** Milliseconds after the last key. */
const PAUSE = 200;

export function useRested<T>(value: T): T {
  const [rested, rest] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => rest(value), PAUSE);
    return () => window.clearTimeout(timer);
  }, [value]);
  return rested;
}
