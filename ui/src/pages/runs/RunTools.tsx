/** Controls of the table of runs: its grouping, and the values of metrics that are columns. */
import { useEffect, type ReactNode } from 'react';
import type { Item, Result } from '../../data/result';
import { Button, Choice } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { PopoverButton, walkItems } from '../../parts/design/Popover';
import { FieldPicker } from '../../explorer/FieldPicker';
import type { Field } from '../../explorer/fields';
import { ChannelFoot } from '../../explorer/Toolbar';
import type { Change } from '../../explorer/view/store';
import type { View } from '../../explorer/view/view';
import type { LineMethod } from '../../stats';
import { VALUES, type Reducers, type ReducerName } from './reducers';

const FOLDS: readonly { value: LineMethod; label: string }[] = [
  { value: 'mean', label: 'Mean' },
  { value: 'median', label: 'Median' },
  { value: 'min', label: 'Minimum' },
  { value: 'max', label: 'Maximum' },
  { value: 'iqm', label: 'Interquartile mean' },
];

interface GroupPickerProps {
  view: View;
  change: Change;
  result: Pick<Result<Item>, 'items' | 'paths'>;
  told?: (field: Field) => string;
  onOpen?: () => void;
}

export function GroupPicker({ view, change, result, told, onOpen }: GroupPickerProps): ReactNode {
  return (
    <FieldPicker
      small
      title="Group"
      icon="group"
      chosen={view.color}
      standard={NO_FIELDS}
      result={result}
      told={told}
      before={view.allBut.includes('color') ? 'all but' : undefined}
      off={view.off.includes('color')}
      onChange={(color) => change({ color, open: [] })}
    >
      {onOpen && <Opened onOpen={onOpen} />}
      <div className="panel">
        <label className="panel-row">
          <span>Group values</span>
          <Choice label="Group values" value={view.line} options={FOLDS} onChange={(line) => change({ line })} />
        </label>
      </div>
      <ChannelFoot channel="color" view={view} change={change} />
    </FieldPicker>
  );
}

const NO_FIELDS: readonly string[] = [];

function Opened({ onOpen }: { onOpen: () => void }): ReactNode {
  useEffect(onOpen, [onOpen]);
  return null;
}

const TOLD: { [K in ReducerName]: string } = {
  last: 'latest value',
  best: 'lowest or highest value, as the metric says',
  min: 'minimum',
  max: 'maximum',
  mean: 'mean of all values',
  first: 'first value',
};

/** Each metric has a column for each of the chosen values, where its own head does not say otherwise. */
export function ValuesButton({
  reducers,
  onChange,
}: {
  reducers: Reducers;
  onChange: (reducers: Reducers) => void;
}): ReactNode {
  const { values } = reducers;
  const toggle = (value: ReducerName): void => {
    const next = values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
    onChange({ ...reducers, values: VALUES.filter((known) => next.includes(known)) });
  };
  return (
    <PopoverButton
      small
      icon="axis"
      label="Values of metrics"
      end
      panel={() => (
        <div className="picker" onKeyDown={walkItems}>
          <div className="picker-list" role="group" aria-label="Values of metrics">
            {VALUES.map((value) => (
              <button
                key={value}
                type="button"
                role="checkbox"
                aria-checked={values.includes(value)}
                data-item
                className="picker-item"
                onClick={() => toggle(value)}
              >
                <span className="picker-mark" aria-hidden="true">
                  {values.includes(value) && <Icon name="check" size={12} />}
                </span>
                <span className="menu-label">{value}</span>
                <span className="menu-detail">{TOLD[value]}</span>
              </button>
            ))}
          </div>
          <p className="panel-note picker-note">
            For a single metric, or its value where another metric is best, open the menu of its column header.
          </p>
          {(reducers.own.size > 0 || reducers.besides.length > 0) && (
            <div className="picker-foot">
              <Button small onClick={() => onChange({ ...reducers, own: new Map(), besides: [] })}>
                Apply to all metrics
              </Button>
            </div>
          )}
        </div>
      )}
    >
      {values.length ? `Metrics: ${values.join(', ')}` : 'Metrics: none'}
    </PopoverButton>
  );
}
