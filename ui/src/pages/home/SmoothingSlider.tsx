/** A slider for the smoothing of charts, which change when it rests. */
import type { ReactNode } from 'react';
import { Slider } from '../../parts/design/controls';
import { smoothingText } from '../../text/format';
import { useTyped } from './useTyped';

interface SmoothingSliderProps {
  /** Of the label around it. */
  className: string;
  value: number;
  onRest: (to: number) => void;
}

export function SmoothingSlider({ className, value, onRest }: SmoothingSliderProps): ReactNode {
  const [text, setText] = useTyped(String(value), (text) => onRest(Number(text)));
  return (
    <label className={className}>
      <span>Smoothing</span>
      <Slider
        label="Smoothing"
        value={Number(text)}
        max={0.99}
        step={0.01}
        text={smoothingText(Number(text))}
        onChange={(to) => setText(String(to))}
      />
    </label>
  );
}
