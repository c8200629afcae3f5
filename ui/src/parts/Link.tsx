/** A link inside the app: a plain click is handled in the page, everything else is left to the browser. */
import type { AnchorHTMLAttributes, ReactNode } from 'react';
import { navigate } from './address';

export function Link({
  to,
  onNavigate,
  ...rest
}: Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'onClick'> & {
  to: string;
  onNavigate?: () => void;
}): ReactNode {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        onNavigate?.();
        navigate(to);
      }}
    />
  );
}
