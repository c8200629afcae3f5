/** The size of the tiles, shown at once and kept in the address once the slider rests. */
import type { ReactNode } from 'react';
import { useDraft } from '../../parts/design/useDraft';

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
  const [draft, setDraft] = useDraft(onChange, RESTS);
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
          aria-label="Size of the tiles"
          aria-valuetext={`${shown} pixels`}
          onChange={(event) => setDraft(Number(event.target.value))}
        />
        <output>{shown}</output>
      </span>
    </span>
  );
}
