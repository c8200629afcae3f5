/** What a page shows when nothing has the name or id in its address. */
import type { ReactNode } from 'react';
import { Link } from './Link';
import { Notice } from './states';
import { useFrame } from './useFrame';

interface NotFoundProps {
  /** The noun, lowercase. */
  what: string;
  /** From the address; empty if it has none. */
  name: string;
  /** Where all of them are, and what that page is called. */
  to: string;
  all: string;
  /** It is found by the index, which may not have it yet. */
  indexed?: boolean;
  /** Why there may be none. */
  children: ReactNode;
}

export function NotFound({ what, name, to, all, indexed = false, children }: NotFoundProps): ReactNode {
  const early = Boolean(useFrame().server.project?.indexing) && indexed && name !== '';
  const noun = what.charAt(0).toUpperCase() + what.slice(1);
  return (
    <Notice icon="search" title={early ? `${noun} not indexed yet` : `${noun} not found`}>
      {name === '' ? (
        <p>The address is incomplete: it names no {what}.</p>
      ) : (
        <p>
          There is no {what} “<bdi>{name}</bdi>”
          {early ? ' so far. This page shows it as soon as it is indexed.' : <>. {children}</>}
        </p>
      )}
      <Link className="button outline" to={to}>
        {all}
      </Link>
    </Notice>
  );
}
