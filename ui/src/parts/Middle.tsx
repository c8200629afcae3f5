/** One line of text that loses its middle where room is short, because names often differ at their ends. */
import type { ReactNode } from 'react';

/** The last characters always stay. */
const TAIL = 10;
const SHORT = 2 * TAIL;

export function Middle({ text, className = '' }: { text: string; className?: string }): ReactNode {
  if (text.length <= SHORT) return <bdi className={className}>{text}</bdi>;
  return (
    <bdi className={`middle ${className}`}>
      <span>{text.slice(0, -TAIL)}</span>
      <span>{text.slice(-TAIL)}</span>
    </bdi>
  );
}
