/** The building blocks of text pages: the sheet, its head, cards, and empty states. */
import type { ReactNode } from 'react';
import { Button } from './design/controls';
import { Explained, Gone, Notice, Refused } from './states';
import { useFrame } from './useFrame';
import type { Asked } from './useAsked';
import './parts.css';

export function Sheet({
  title,
  beside,
  lead,
  actions,
  children,
}: {
  title: ReactNode;
  /** On the line of the title, but not part of it. */
  beside?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <div className="sheet" tabIndex={-1}>
      <div className="sheet-inner">
        <header className="sheet-head">
          <div className="sheet-title">
            <div className="sheet-line">
              <h1>{title}</h1>
              {beside}
            </div>
            {lead && <div className="lead">{lead}</div>}
          </div>
          {actions && <div className="sheet-actions">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

export function Card({
  title,
  count,
  actions,
  wide = false,
  children,
}: {
  title: string;
  count?: string;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <section className={`card ${wide ? 'wide' : ''}`} aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        {count && <span className="count">{count}</span>}
        <span className="stretch" />
        {actions}
      </div>
      {children}
    </section>
  );
}

interface AnswerProps<T> {
  of: Asked<T>;
  /** The heading of a page without an answer; a part of a page needs none. */
  title?: string;
  /** The text if the server does not know it. */
  missing?: ReactNode;
  children: (data: T) => ReactNode;
}

/** The answer, or the state while there is none. */
export function Answer<T>({ of, title, missing, children }: AnswerProps<T>): ReactNode {
  if (of.data !== null) return children(of.data);
  return (
    <>
      {title && <h1 className="hidden-text">{title}</h1>}
      <NoAnswer of={of} missing={missing} />
    </>
  );
}

function NoAnswer({ of, missing }: { of: Asked<unknown>; missing: ReactNode }): ReactNode {
  const { refused, reachable, unable } = useFrame().server;
  if (refused) return <Refused problem={refused.problem} />;
  if (!reachable || of.gone) return <Gone unable={unable} />;
  if (of.missing && missing) return missing;
  if (!of.problem) return <Waiting />;
  return (
    <Notice icon="alert" tone="danger" title="This page could not be loaded">
      <Explained problem={of.problem} />
      <Button look="outline" icon="reset" onClick={of.again}>
        Try again
      </Button>
    </Notice>
  );
}

export function Waiting(): ReactNode {
  return (
    <div className="sheet" role="status" aria-label="Loading">
      <div className="sheet-inner">
        <span className="skeleton waiting-title" />
        <div className="cards">
          {[0, 1, 2, 3].map((item) => (
            <span key={item} className="skeleton waiting-card" />
          ))}
        </div>
      </div>
    </div>
  );
}

export function Hint({ children }: { children: ReactNode }): ReactNode {
  return <p className="quiet">{children}</p>;
}
