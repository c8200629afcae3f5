/** Chooses the columns that are axes, in their order. */
import { useState, type ReactNode } from 'react';
import { FindField } from '../../parts/design/FindField';
import { Button } from '../../parts/design/controls';
import { PopoverButton, walkItems } from '../../parts/design/Popover';
import type { Column } from '../../explorer/columns';
import { countText } from '../../text/format';
import { findWords, hasWords } from '../../text/find';

const LISTED = 200;

interface AxesProps {
  columns: readonly Column<never>[];
  chosen: readonly string[];
  standard: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

export function PlotAxesButton(props: AxesProps): ReactNode {
  return (
    <PopoverButton small icon="axis" label="Axes" panel={() => <AxesPanel {...props} />}>
      Axes · {props.chosen.length}
    </PopoverButton>
  );
}

function AxesPanel({ columns, chosen, standard, onChange }: AxesProps): ReactNode {
  const [find, setFind] = useState('');
  const words = findWords(find);
  const matching = columns.filter(({ label }) => hasWords(label, words));
  return (
    <div className="picker" onKeyDown={walkItems}>
      <div className="picker-head">
        <FindField label="Find a param or metric" value={find} onFind={setFind} first />
      </div>
      <div className="picker-list" role="group" aria-label="Axes">
        {matching.slice(0, LISTED).map(({ id, label }) => (
          <button
            key={id}
            type="button"
            role="checkbox"
            aria-checked={chosen.includes(id)}
            data-item
            className="picker-item"
            onClick={() => onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id])}
          >
            <span className="picker-mark" aria-hidden="true">
              {chosen.includes(id) && chosen.indexOf(id) + 1}
            </span>
            <span className="menu-label">
              <bdi>{label}</bdi>
            </span>
          </button>
        ))}
        {matching.length === 0 && <p className="menu-empty">No param or metric contains this text.</p>}
        {matching.length > LISTED && (
          <p className="menu-empty">{`and ${countText(matching.length - LISTED)} more: type to find them`}</p>
        )}
      </div>
      <div className="picker-foot">
        <Button small disabled={chosen.join('\n') === standard.join('\n')} onClick={() => onChange([])}>
          Default
        </Button>
      </div>
    </div>
  );
}
