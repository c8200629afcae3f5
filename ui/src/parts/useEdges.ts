/** Marks the ends of a strip or table beyond which there is more, so that they can be faded. */
import type { RefObject } from 'react';
import { useViewport } from './virtual';

export function useEdges(strip: RefObject<HTMLElement | null>): string {
  const { left, width } = useViewport(strip);
  const hidden = (strip.current?.scrollWidth ?? 0) - left - width;
  return [left > 1 && 'more-before', hidden > 1 && 'more-after'].filter(Boolean).join(' ');
}
