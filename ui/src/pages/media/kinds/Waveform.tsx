/** The outline of a sound: what was played is filled, a click or an arrow key leads elsewhere. */
import { useMemo, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { itemAt } from '../../../text/lists';

const HALF = 127;
const KEYS: Readonly<Record<string, number>> = { ArrowLeft: -0.05, ArrowRight: 0.05, Home: -1, End: 1 };

/** A closed path around the pairs of lowest and highest samples; at least a line where it is silent. */
export function outlinePath(pairs: Int8Array): string {
  const count = pairs.length / 2;
  const point = (i: number, side: 0 | 1): string => `${i} ${-itemAt(pairs, 2 * i + side) + (side === 0 ? 1 : -1)}`;
  const top = Array.from({ length: count }, (_, i) => point(i, 1));
  const bottom = Array.from({ length: count }, (_, i) => point(count - 1 - i, 0));
  return count === 0 ? '' : `M${[...top, ...bottom].join('L')}Z`;
}

export function Waveform({
  pairs,
  share,
  label,
  onSeek,
}: {
  /** null: it is loaded, or cannot be drawn. */
  pairs: Int8Array | null;
  share: number;
  label: string;
  onSeek: (share: number) => void;
}): ReactNode {
  const path = useMemo(() => (pairs ? outlinePath(pairs) : ''), [pairs]);
  const last = Math.max(1, (pairs?.length ?? 2) / 2 - 1);
  const seek = (event: PointerEvent<HTMLElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onSeek((event.clientX - left) / width);
  };
  const keys = (event: KeyboardEvent): void => {
    const by = KEYS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSeek(share + by);
  };
  return (
    <div
      className="waveform"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={`${Math.round(share * 100)} %`}
      onPointerDown={seek}
      onKeyDown={keys}
    >
      <svg viewBox={`0 ${-HALF - 1} ${last} ${2 * HALF + 2}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={path} />
        <path className="played" d={path} style={{ clipPath: `inset(0 ${100 - share * 100}% 0 0)` }} />
      </svg>
      {share > 0 && <span className="waveform-place" style={{ left: `${share * 100}%` }} />}
    </div>
  );
}
