/** JSON as a collapsible tree; long lists and texts are shown in part. */
import { useState, type ReactNode } from 'react';
import { countText } from '../../../text/format';

const AT_ONCE = 100;
const LONGEST = 500;

export function JsonTree({ value }: { value: unknown }): ReactNode {
  return (
    <div className="params json-tree">
      <JsonBranch entries={entriesOf(value) ?? [['value', value]]} />
    </div>
  );
}

function entriesOf(value: unknown): [string, unknown][] | null {
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value);
}

function JsonBranch({ entries }: { entries: readonly [string, unknown][] }): ReactNode {
  const [shown, setShown] = useState(AT_ONCE);
  return (
    <ul className="param-tree">
      {entries.slice(0, shown).map(([name, value]) => (
        <JsonLeaf key={name} name={name} value={value} />
      ))}
      {entries.length > shown && (
        <li>
          <button type="button" className="text-link" onClick={() => setShown(shown + AT_ONCE * 5)}>
            {`Show more of ${countText(entries.length)}`}
          </button>
        </li>
      )}
    </ul>
  );
}

function JsonLeaf({ name, value }: { name: string; value: unknown }): ReactNode {
  const [open, setOpen] = useState(false);
  const below = entriesOf(value);
  if (below && below.length > 0)
    return (
      <li>
        <details onToggle={(event) => event.target === event.currentTarget && setOpen(event.currentTarget.open)}>
          <summary>
            <bdi>{name}</bdi>
            <span className="count">{countText(below.length)}</span>
          </summary>
          {open && <JsonBranch entries={below} />}
        </details>
      </li>
    );
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <li className="param">
      <span className="param-name">
        <bdi>{name}</bdi>
      </span>
      <code className={`param-value ${typeof value}`}>
        <bdi>{text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}</bdi>
      </code>
    </li>
  );
}
