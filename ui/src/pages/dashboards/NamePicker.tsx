/** Chooses some names in their order; what is not listed here is found by the server. */
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { NamesEnd } from '../../explorer/NamesEnd';
import { useMetricNames } from '../../explorer/useMetricNames';
import { FindField } from '../../parts/design/FindField';
import { Icon } from '../../parts/design/Icon';
import { walkItems } from '../../parts/design/Popover';
import { findWords, hasWords } from '../../text/find';
import { countText } from '../../text/format';

interface NamePickerProps {
  label: string;
  chosen: readonly string[];
  most: number;
  /** What can be chosen before the metrics. */
  others?: readonly string[];
  /** In front of the name of a metric. */
  prefix?: string;
  onChange: (chosen: string[]) => void;
}

/** As many params as are listed; those of the server are as many as it sends. */
const LISTED = 100;

export function NamePicker({ label, chosen, most, others = [], prefix = '', onChange }: NamePickerProps): ReactNode {
  const [find, setFind] = useState('');
  const named = useMetricNames(find);
  const words = findWords(find);
  const matching = others.filter((name) => hasWords(name, words));
  const first = matching.slice(0, LISTED);
  const metrics = (named?.names ?? []).filter((name) => hasWords(name, words));
  const full = chosen.length >= most;
  const toggle = (id: string): void => {
    if (chosen.includes(id)) onChange(chosen.filter((other) => other !== id));
    else if (most === 1) onChange([id]);
    else if (!full) onChange([...chosen, id]);
  };
  const item = (id: string, text: string): ReactNode => (
    <button
      key={id}
      type="button"
      role="checkbox"
      aria-checked={chosen.includes(id)}
      data-item
      className="picker-item"
      disabled={full && most > 1 && !chosen.includes(id)}
      onClick={() => toggle(id)}
    >
      <span className="picker-mark" aria-hidden="true">
        {chosen.includes(id) && (most > 1 ? chosen.indexOf(id) + 1 : <Icon name="check" size={12} />)}
      </span>
      <span className="menu-label">
        <bdi>{text}</bdi>
      </span>
    </button>
  );
  return (
    <div
      className="board-picker"
      onKeyDown={(event: KeyboardEvent<HTMLElement>) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault();
        walkItems(event);
      }}
    >
      <p className="board-chosen">
        <span>{label}</span>
        {chosen.length === 0 && <span className="quiet">none chosen</span>}
        {chosen.map((id) => (
          <button
            key={id}
            type="button"
            className="board-chip"
            aria-label={`Remove ${plain(id, prefix)}`}
            onClick={() => toggle(id)}
          >
            <bdi>{plain(id, prefix)}</bdi>
            <Icon name="close" size={11} />
          </button>
        ))}
      </p>
      <FindField label={`Find ${label.toLowerCase()}`} value={find} onFind={setFind} />
      <div className="picker-list" role="group" aria-label={label} tabIndex={-1}>
        {first.length > 0 && <h3>Params</h3>}
        {first.map((name) => item(name, name))}
        {matching.length > LISTED && (
          <p className="menu-empty">{`and ${countText(matching.length - LISTED)} more params: type to find them`}</p>
        )}
        {first.length > 0 && metrics.length > 0 && <h3>Metrics</h3>}
        {metrics.map((name) => item(`${prefix}${name}`, name))}
        <NamesEnd named={named} find={find} others={first.length} />
      </div>
    </div>
  );
}

const plain = (id: string, prefix: string): string =>
  prefix !== '' && id.startsWith(prefix) ? id.slice(prefix.length) : id;
