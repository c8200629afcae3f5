/** A search field for the content below it. */
import type { ReactNode } from 'react';

interface FindFieldProps {
  readonly label: string;
  /** The placeholder; default: the label. */
  readonly placeholder?: string;
  readonly value: string;
  readonly onFind: (text: string) => void;
  /** Has the focus when its popover opens. */
  readonly first?: boolean;
}

export function FindField({ label, placeholder = label, value, onFind, first }: FindFieldProps): ReactNode {
  return (
    <input
      className="field"
      type="search"
      placeholder={placeholder}
      aria-label={label}
      value={value}
      onChange={(event) => onFind(event.target.value)}
      data-autofocus={first || undefined}
    />
  );
}
