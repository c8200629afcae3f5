/** Controls above charts, on one line: where it is narrow, those that are needed less stand on more lines behind a button. */
import { useState, type ReactNode } from 'react';
import { Button } from '../parts/design/controls';

interface ControlLineProps {
  label?: string;
  children: ReactNode;
  /** At the other end of the line. */
  tools: ReactNode;
  /** The last of them, which always has a place. */
  last: ReactNode;
}

export function ControlLine({ label = 'Charts', children, tools, last }: ControlLineProps): ReactNode {
  const [more, setMore] = useState(false);
  return (
    <div className={`toolbar control-line ${more ? 'opened' : ''}`} role="toolbar" aria-label={label}>
      {children}
      <span className="stretch" />
      {tools}
      <span className="toolbar-break" />
      <span className="pair toolbar-last">
        <span className="toolbar-more">
          <Button icon="more" tip="More controls" aria-expanded={more} active={more} onClick={() => setMore(!more)} />
        </span>
        {last}
      </span>
    </div>
  );
}

/** A control, and how wide the line must be to have room for it. */
export function ControlGroup({
  on = 'any',
  children,
}: {
  on?: 'any' | 'middle' | 'wide';
  children: ReactNode;
}): ReactNode {
  return <span className={`toolbar-part ${on}`}>{children}</span>;
}
