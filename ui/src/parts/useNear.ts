/** Whether an element has come near what is in sight: charts far outside are built when they do. */
import { useEffect, useState, type RefObject } from 'react';

/** `rootMargin` alone would not reach into what an element inside the window scrolls. */
const SOON = { rootMargin: '300px', scrollMargin: '300px' };

export function useNear(host: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = host.current;
    if (!element || near) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setNear(true), SOON);
    observer.observe(element);
    return () => observer.disconnect();
  }, [host, near]);
  return near;
}
