/** Turns pointer, wheel and key events on the chart into intents: point, click, brush, pan, zoom, reset. */
import type { Unsubscribe, Rect } from './types';

export interface Intents {
  point(at: Position | null): void;
  click(at: Position): void;
  /** The rectangle being dragged; null if the drag was canceled. */
  brush(from: Position, to: Position): void;
  brushEnd(from: Position, to: Position): void;
  brushCancel(): void;
  /** Whether a drag pans instead of brushing. */
  pans?(): boolean;
  pan(dx: number, dy: number): void;
  wheel(at: Position, factor: number): void;
  reset(): void;
  /** True if the key was handled. */
  key(event: KeyboardEvent): boolean;
}

export interface Position {
  readonly x: number;
  readonly y: number;
}

const DRAG = 4;
const FLAT = 14;

export interface Brush extends Rect {
  readonly along: 'x' | 'y' | 'both';
}

/** A drag that begins on an axis, or mostly follows one direction, applies to that axis only. */
export function brushRect(from: Position, to: Position, plot: Rect): Brush {
  const wide = Math.abs(to.x - from.x);
  const tall = Math.abs(to.y - from.y);
  const onY = from.x < plot.left || (wide < FLAT && tall > wide);
  const onX = !onY && (from.y > plot.bottom || tall < FLAT);
  const clampX = (x: number) => Math.max(plot.left, Math.min(plot.right, x));
  const clampY = (y: number) => Math.max(plot.top, Math.min(plot.bottom, y));
  return {
    along: onY ? 'y' : onX ? 'x' : 'both',
    left: onY ? plot.left : clampX(Math.min(from.x, to.x)),
    right: onY ? plot.right : clampX(Math.max(from.x, to.x)),
    top: onX ? plot.top : clampY(Math.min(from.y, to.y)),
    bottom: onX ? plot.bottom : clampY(Math.max(from.y, to.y)),
  };
}

type DragState = {
  readonly kind: 'press' | 'brush' | 'pan';
  readonly becomes: 'brush' | 'pan';
  readonly from: Position;
  readonly last: Position;
} | null;

export function listen(target: HTMLElement, intents: Intents): Unsubscribe {
  const stop = new AbortController();
  const { signal } = stop;
  let drag: DragState = null;
  const place = (event: MouseEvent): Position => {
    const box = target.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const cancel = () => {
    if (drag?.kind === 'brush') intents.brushCancel();
    drag = null;
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    target.setPointerCapture(event.pointerId);
    const from = place(event);
    drag = { kind: 'press', becomes: event.shiftKey || intents.pans?.() ? 'pan' : 'brush', from, last: from };
  };
  const move = (event: PointerEvent) => {
    const at = place(event);
    if (!drag) return intents.point(at);
    const far = Math.hypot(at.x - drag.from.x, at.y - drag.from.y) > DRAG;
    const kind = drag.kind === 'press' && far ? drag.becomes : drag.kind;
    if (kind === 'press') return;
    if (kind === 'pan') intents.pan(at.x - drag.last.x, at.y - drag.last.y);
    else intents.brush(drag.from, at);
    drag = { ...drag, kind, last: at };
  };
  const up = (event: PointerEvent) => {
    const at = place(event);
    const ended = drag;
    drag = null;
    if (ended?.kind === 'brush') intents.brushEnd(ended.from, at);
    else if (ended?.kind === 'press') intents.click(at);
  };
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    intents.wheel(place(event), Math.exp(Math.max(-50, Math.min(50, event.deltaY)) * 0.01));
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && drag) {
      cancel();
      event.preventDefault();
    } else if (intents.key(event)) event.preventDefault();
  };

  target.addEventListener('pointerdown', down, { signal });
  target.addEventListener('pointermove', move, { signal });
  target.addEventListener('pointerup', up, { signal });
  target.addEventListener('pointercancel', cancel, { signal });
  target.addEventListener('pointerleave', () => drag || intents.point(null), { signal });
  target.addEventListener('dblclick', () => intents.reset(), { signal });
  target.addEventListener('wheel', wheel, { signal, passive: false });
  target.addEventListener('keydown', key, { signal });
  return () => stop.abort();
}
