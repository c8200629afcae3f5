/** One chart in place of all charts of a page. */
import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';

export interface EnlargedHeadProps {
  title: string;
  onClose: () => void;
  /** To the chart before or after this one; null where there is none. */
  onStep: { readonly before: (() => void) | null; readonly after: (() => void) | null };
}

export function EnlargedPanel({
  title,
  onClose,
  children,
}: Pick<EnlargedHeadProps, 'title' | 'onClose'> & { children: ReactNode }): ReactNode {
  useEscape(onClose);
  const panel = useFocusInside();
  return (
    <div ref={panel} className="enlarged" role="dialog" aria-label={title} tabIndex={-1}>
      {children}
    </div>
  );
}

export function EnlargedHead({
  title,
  onClose,
  onStep,
  children,
}: EnlargedHeadProps & { children?: ReactNode }): ReactNode {
  return (
    <header className="enlarged-head">
      <h2>
        <bdi>{title}</bdi>
      </h2>
      <Button icon="left" tip="Previous chart" disabled={!onStep.before} onClick={() => onStep.before?.()} />
      <Button icon="right" tip="Next chart" disabled={!onStep.after} onClick={() => onStep.after?.()} />
      <span className="stretch" />
      {children}
      <Button icon="close" tip="Close (Escape)" onClick={onClose} />
    </header>
  );
}

/** Popovers and drags that Escape ends keep it for themselves. */
function useEscape(onEscape: () => void): void {
  const latest = useRef(onEscape);
  useEffect(() => {
    latest.current = onEscape;
  });
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]'))
        latest.current();
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, []);
}

/** The focus goes inside, and back when it closes. */
function useFocusInside(): React.RefObject<HTMLDivElement | null> {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return panel;
}
