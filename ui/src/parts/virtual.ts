/** Which part of a long list is in sight, from the scroll position alone: rows of one height, columns of any width. */
import { itemAt } from '../text/lists';
import { useLayoutEffect, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';

export interface Viewport {
  top: number;
  left: number;
  width: number;
  height: number;
}

/** `there`: whether the element is in the page, where it is not always. */
export function useViewport(scroller: RefObject<HTMLElement | null>, there = true): Viewport {
  const [viewport, setViewport] = useState<Viewport>({ top: 0, left: 0, width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const read = (): void => {
      const next = {
        top: element.scrollTop,
        left: element.scrollLeft,
        width: element.clientWidth,
        height: element.clientHeight,
      };
      setViewport((old) => (same(old, next) ? old : next));
    };
    // What comes into sight is there in the frame that shows it, not in the one after.
    const scrolled = (): void => flushSync(read);
    read();
    element.addEventListener('scroll', scrolled, { passive: true });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', scrolled);
      observer.disconnect();
    };
  }, [scroller, there]);
  return viewport;
}

function same(a: Viewport, b: Viewport): boolean {
  return a.top === b.top && a.left === b.left && a.width === b.width && a.height === b.height;
}

export type VisibleRange = readonly [first: number, end: number];

export function rowsIn(top: number, height: number, rowHeight: number, count: number, overscan = 6): VisibleRange {
  const first = Math.max(0, Math.floor(top / rowHeight) - overscan);
  return [Math.min(first, count), Math.min(count, Math.ceil((top + height) / rowHeight) + overscan)];
}

/** `edges[i]` is where column i begins; the last edge is where the last column ends. */
export function columnsBetween(left: number, width: number, edges: readonly number[]): VisibleRange {
  const count = edges.length - 1;
  let first = 0;
  while (first < count && itemAt(edges, first + 1) <= left) first += 1;
  let end = first;
  while (end < count && itemAt(edges, end) < left + width) end += 1;
  return [Math.max(0, first - 1), Math.min(count, end + 1)];
}
