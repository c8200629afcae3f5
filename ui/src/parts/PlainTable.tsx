/** A table that is read, not explored: it scrolls to the side by itself, and can be reached by keyboard to do so. */
import type { ReactNode } from 'react';

type Head = string | { readonly label: string; readonly end?: boolean; readonly hidden?: boolean };

export function PlainTable({
  label,
  look = '',
  head,
  children,
}: {
  label: string;
  /** One more class. */
  look?: string;
  /** What stands over the columns: numbers at the end of theirs, buttons without a word that is seen. */
  head: readonly (Head | false)[];
  /** The rows. */
  children: ReactNode;
}): ReactNode {
  return (
    <div className={`plain-table ${look}`} role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head
              .filter((item) => item !== false)
              .map((item) => (typeof item === 'string' ? { label: item } : item))
              .map((item) => (
                <HeadCell key={item.label} {...item} />
              ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function HeadCell({ label, end = false, hidden = false }: Exclude<Head, string>): ReactNode {
  return (
    <th scope="col" className={end ? 'end' : undefined}>
      {hidden ? <span className="hidden-text">{label}</span> : label}
    </th>
  );
}
