/** Whether an element is in the window, or will soon be scrolled into it. */
import { useEffect, useState, type RefObject } from 'react';

const SOON = '300px';

export function useSeen(host: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const observer = new IntersectionObserver(
      (entries) => setSeen(entries[entries.length - 1]?.isIntersecting ?? false),
      {
        rootMargin: SOON,
      },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [host]);
  return seen;
}
