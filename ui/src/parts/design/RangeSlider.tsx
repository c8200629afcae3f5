/** A range with two thumbs: two native sliders on one track. Reported when the thumbs rest. */
import type { CSSProperties, ReactNode } from 'react';
import { useDraft } from './useDraft';

/** Milliseconds without a movement. */
const RESTS = 200;

export type RangeEnds = readonly [low: number, high: number];

export function RangeSlider({
  label,
  min,
  max,
  value,
  text,
  onChange,
}: {
  label: string;
  min: number;
  max: number;
  value: RangeEnds;
  text: (ends: RangeEnds) => string;
  onChange: (ends: RangeEnds) => void;
}): ReactNode {
  const [draft, setDraft] = useDraft(onChange, RESTS);
  const [low, high] = draft ?? value;
  const share = (at: number): number => (max > min ? ((at - min) / (max - min)) * 100 : 0);
  const style = { '--low': `${share(low)}%`, '--high': `${share(high)}%` } as CSSProperties;
  const thumb = (name: string, at: number, move: (to: number) => RangeEnds): ReactNode => (
    <input
      type="range"
      min={min}
      max={max}
      step={1}
      value={at}
      aria-label={`${name} of ${label}`}
      onChange={(event) => setDraft(move(Number(event.target.value)))}
    />
  );
  return (
    <span className="slider range-slider" role="group" aria-label={label}>
      <span className="range-track" style={style}>
        {thumb('Start', low, (to) => [Math.min(to, high), high])}
        {thumb('End', high, (to) => [low, Math.max(to, low)])}
      </span>
      <output>{text([low, high])}</output>
    </span>
  );
}
