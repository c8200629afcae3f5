/** A small line: the color and dash of a row, a legend entry, or a tooltip. */
import type { ReactNode } from 'react';
import type { Marker } from './lines';

export function Swatch({ color, dash }: Marker): ReactNode {
  return (
    <svg className="swatch" width="18" height="10" viewBox="0 0 18 10" aria-hidden="true">
      <line
        x1="1"
        y1="5"
        x2="17"
        y2="5"
        stroke={color}
        strokeWidth="2.5"
        strokeDasharray={dash.map((length) => length * 0.6).join(' ') || undefined}
      />
    </svg>
  );
}
