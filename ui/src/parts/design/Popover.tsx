/** A panel next to its button: closes on Escape or a press outside, returns the focus, stays inside the window. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Button, type ButtonProps } from './controls';

const GAP = 6;
const EDGE = 8;

interface PopoverProps {
  anchor: HTMLElement | null;
  onClose: () => void;
  label: string;
  children: ReactNode;
  end?: boolean;
}

function place(panel: HTMLElement, anchor: HTMLElement, end: boolean): void {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const wanted = end ? from.right - width : from.left;
  const left = Math.max(EDGE, Math.min(wanted, window.innerWidth - width - EDGE));
  const below = from.bottom + GAP;
  const above = from.top - GAP - height;
  const top =
    below + height <= window.innerHeight - EDGE || above < EDGE
      ? Math.min(below, Math.max(EDGE, window.innerHeight - EDGE - height))
      : above;
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
}

export function Popover({ anchor, onClose, label, children, end = false }: PopoverProps): ReactNode {
  const panel = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = panel.current;
    if (!element || !anchor) return undefined;
    const move = (): void => place(element, anchor, end);
    move();
    const observer = new ResizeObserver(move);
    observer.observe(element);
    window.addEventListener('resize', move);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', move);
    };
  }, [anchor, end]);

  useEffect(() => {
    const press = (event: PointerEvent): void => {
      const target = event.target as Node;
      if (!panel.current?.contains(target) && !anchor?.contains(target)) onClose();
    };
    document.addEventListener('pointerdown', press, true);
    return () => document.removeEventListener('pointerdown', press, true);
  }, [anchor, onClose]);

  useEffect(() => {
    const first = panel.current?.querySelector<HTMLElement>('[data-autofocus], input, button, [tabindex="0"]');
    first?.focus({ preventScroll: true });
    return () => {
      if (!document.activeElement || document.activeElement === document.body) anchor?.focus({ preventScroll: true });
    };
  }, [anchor]);

  return createPortal(
    <div
      ref={panel}
      className="popover"
      role="dialog"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
        anchor?.focus();
      }}
    >
      {children}
    </div>,
    document.body,
  );
}

/** A button and the popover it opens. */
export function PopoverButton({
  panel,
  label,
  end,
  ...button
}: Omit<ButtonProps, 'ref'> & { panel: (close: () => void) => ReactNode; label: string; end?: boolean }): ReactNode {
  const [open, setOpen] = useState(false);
  const [anchor, setAnchor] = useState<HTMLButtonElement | null>(null);
  const close = useCallback(() => setOpen(false), []);
  return (
    <>
      <Button
        {...button}
        ref={setAnchor}
        aria-haspopup="dialog"
        aria-expanded={open}
        active={open || button.active}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <Popover anchor={anchor} onClose={close} label={label} end={end}>
          {panel(close)}
        </Popover>
      )}
    </>
  );
}

/** Arrow keys move through the items marked `data-item` of a list. */
export function walkItems(event: React.KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-item]')];
  if (items.length === 0) return;
  const at = items.indexOf(document.activeElement as HTMLElement);
  let to: number;
  if (step !== undefined) to = at + step;
  else if (event.key === 'Home' && at >= 0) to = 0;
  else if (event.key === 'End' && at >= 0) to = items.length - 1;
  else return;
  event.preventDefault();
  if (to < 0) event.currentTarget.querySelector<HTMLElement>('input')?.focus();
  else items[Math.min(to, items.length - 1)]?.focus();
}
