import { useEffect, useRef } from 'react';

/** Calls repeatedly while the page is visible; null pauses. */
export function useEvery(milliseconds: number | null, call: () => void): void {
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  useEffect(() => {
    if (milliseconds === null) return undefined;
    const timer = window.setInterval(() => document.hidden || latest.current(), milliseconds);
    return () => window.clearInterval(timer);
  }, [milliseconds]);
}
