/** Charts above, table below, and a divider that the pointer or arrow keys move. */
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';

interface SplitProps {
  at: number;
  onMove: (at: number) => void;
  top: ReactNode;
  bottom: ReactNode;
}

const STEP = 0.05;
const SNAP = 0.06;

export function Split({ at, onMove, top, bottom }: SplitProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const to = (value: number): void => onMove(value < SNAP ? 0 : value > 1 - SNAP ? 1 : value);

  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    const box = frame.current?.getBoundingClientRect();
    if (box && event.currentTarget.hasPointerCapture(event.pointerId)) to((event.clientY - box.top) / box.height);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = { ArrowUp: at - STEP, ArrowDown: at + STEP, Home: 0, End: 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    to(Math.min(1, Math.max(0, next)));
  };

  return (
    <div ref={frame} className="split" style={{ gridTemplateRows: `minmax(0, ${at}fr) 9px minmax(0, ${1 - at}fr)` }}>
      <div className="split-part">{at > 0 && top}</div>
      <div
        className="split-bar"
        role="separator"
        aria-orientation="horizontal"
        aria-label="Height of the charts"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(at * 100)}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={onKeyDown}
        onDoubleClick={() => onMove(0.6)}
      />
      <div className="split-part">{at < 1 && bottom}</div>
    </div>
  );
}
