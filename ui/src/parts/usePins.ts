/** The metrics whose charts someone pinned to the top. */
import { useCallback } from 'react';
import { useRemembered } from './useRemembered';

const NONE: readonly string[] = [];

export function usePins(): [pins: readonly string[], toggle: (name: string) => void] {
  const [pins, change] = useRemembered('pins', NONE);
  const toggle = useCallback(
    (name: string) =>
      change((before) => (before.includes(name) ? before.filter((pin) => pin !== name) : [...before, name])),
    [change],
  );
  return [pins, toggle];
}
