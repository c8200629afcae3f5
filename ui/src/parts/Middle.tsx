/** One line of text that loses its middle where room is short, because names often differ at their ends. */
import type { ReactNode } from 'react';

import { TAIL } from '../text/apart';

const SHORT = 20;

interface MiddleProps {
  text: string;
  /** How many of the last characters always stay. */
  tail?: number;
  /** What is shown instead on a narrow screen. */
  narrow?: string;
  className?: string;
}

/** The halves are for the eye alone: the text is read aloud, found and copied as a whole. */
export function Middle({ text, tail = TAIL, narrow, className = '' }: MiddleProps): ReactNode {
  const end = Math.max(0, text.length - tail);
  if (text.length <= SHORT && narrow === undefined) return <bdi className={className}>{text}</bdi>;
  return (
    <bdi className={`middle ${narrow === undefined ? '' : 'has-narrow'} ${className}`}>
      <span className="middle-whole">{text}</span>
      <span className="middle-head" aria-hidden="true" data-text={text.slice(0, end)} />
      <span aria-hidden="true" data-text={text.slice(end)} />
      {narrow !== undefined && <span className="middle-narrow" aria-hidden="true" data-text={narrow} />}
    </bdi>
  );
}
