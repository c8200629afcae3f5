/** One line of text that loses its middle where room is short, because names often differ at their ends. */
import type { ReactNode } from 'react';

/** The last characters always stay. */
const TAIL = 10;
const SHORT = 2 * TAIL;

/** The halves are for the eye alone: the text is read aloud, found and copied as a whole. */
export function Middle({ text, className = '' }: { text: string; className?: string }): ReactNode {
  if (text.length <= SHORT) return <bdi className={className}>{text}</bdi>;
  return (
    <bdi className={`middle ${className}`}>
      <span className="middle-whole">{text}</span>
      <span className="middle-head" aria-hidden="true" data-text={text.slice(0, -TAIL)} />
      <span aria-hidden="true" data-text={text.slice(-TAIL)} />
    </bdi>
  );
}
