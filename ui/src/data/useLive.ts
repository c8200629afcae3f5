/** Follows the changes of the data source while `on`. */
import { useEffect, useRef, useState } from 'react';
import type { LiveHandlers } from './live';
import { useSource } from './source';

export function useLive(on: boolean, handlers: Omit<LiveHandlers, 'state'>): boolean {
  const source = useSource();
  const [connected, setConnected] = useState(false);
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    if (!on) return undefined;
    const unfollow = source.follow({
      changed: (runs) => latest.current.changed(runs),
      began: (revision) => latest.current.began(revision),
      lost: () => latest.current.lost(),
      state: setConnected,
    });
    return () => {
      unfollow();
      setConnected(false);
    };
  }, [on, source]);
  return connected;
}
