/** A table for reading: it scrolls sideways by itself, also by keyboard. */
import { useRef, type ReactNode } from 'react';
import { useEdges } from './useEdges';

type Head = string | { readonly label: string; readonly end?: boolean; readonly hidden?: boolean };

export function PlainTable({
  label,
  look = '',
  head,
  children,
}: {
  label: string;
  /** An additional class. */
  look?: string;
  /** The heads of the columns; heads of numbers are right-aligned, heads of buttons are hidden. */
  head: readonly (Head | false)[];
  /** The rows. */
  children: ReactNode;
}): ReactNode {
  const region = useRef<HTMLDivElement>(null);
  const edges = useEdges(region);
  return (
    <div ref={region} className={`plain-table ${look} ${edges}`} role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head
              .filter((item) => item !== false)
              .map((item) => (typeof item === 'string' ? { label: item } : item))
              .map((item) => (
                <PlainHeadCell key={item.label} {...item} />
              ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function PlainHeadCell({ label, end = false, hidden = false }: Exclude<Head, string>): ReactNode {
  return (
    <th scope="col" className={end ? 'end' : undefined}>
      {hidden ? <span className="hidden-text">{label}</span> : label}
    </th>
  );
}
