/** Keeps a `Live` connection open while `on`. */
import { useEffect, useRef, useState } from 'react';
import { Live, type LiveHandlers } from './live';

export function useLive(on: boolean, handlers: Omit<LiveHandlers, 'state'>): boolean {
  const [connected, setConnected] = useState(false);
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    if (!on) return undefined;
    const live = new Live({
      changed: (runs) => latest.current.changed(runs),
      began: (revision) => latest.current.began(revision),
      lost: () => latest.current.lost(),
      state: setConnected,
    });
    return () => {
      live.close();
      setConnected(false);
    };
  }, [on]);
  return connected;
}
