/** The size of the tiles, shown at once and kept in the address once the slider rests. */
import { useEffect, useRef, useState, type ReactNode } from 'react';

const RESTS = 120;

export function SizeSlider({
  size,
  low,
  high,
  onChange,
}: {
  size: number;
  low: number;
  high: number;
  onChange: (size: number) => void;
}): ReactNode {
  const [draft, setDraft] = useState<number | null>(null);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (draft === null) return undefined;
    const timer = window.setTimeout(() => {
      latest.current(draft);
      setDraft(null);
    }, RESTS);
    return () => window.clearTimeout(timer);
  }, [draft]);
  const shown = draft ?? size;
  return (
    <span className="labeled">
      <span>Size</span>
      <span className="slider">
        <input
          type="range"
          min={low}
          max={high}
          step={8}
          value={shown}
          aria-label="Size of the pictures"
          aria-valuetext={`${shown} pixels`}
          onChange={(event) => setDraft(Number(event.target.value))}
        />
        <output>{shown}</output>
      </span>
    </span>
  );
}
