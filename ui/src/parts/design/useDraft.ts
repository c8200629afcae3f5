/** What a control shows while it moves: reported once it rests. */
import { useEffect, useRef, useState } from 'react';

/** The draft, null at rest, and what sets it. `rests`: milliseconds without a movement. */
export function useDraft<T>(onChange: (value: T) => void, rests: number): [T | null, (draft: T) => void] {
  const [draft, setDraft] = useState<T | null>(null);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (draft === null) return undefined;
    const timer = window.setTimeout(() => {
      latest.current(draft);
      setDraft(null);
    }, rests);
    return () => window.clearTimeout(timer);
  }, [draft, rests]);
  return [draft, setDraft];
}
