/** The x axis: steps, time, or a metric, which the server finds by its name. */
import { useState, type ReactNode } from 'react';
import { axisLabel, METRIC_AXIS, X_AXES, type XAxis } from '../data/axis';
import { FindField } from '../parts/design/FindField';
import { Icon } from '../parts/design/Icon';
import { PopoverButton, walkItems } from '../parts/design/Popover';
import { findWords, hasWords } from '../text/find';
import { NamesEnd } from './NamesEnd';
import { useMetricNames } from './useMetricNames';
import type { Change } from './view/store';

interface AxisChoiceProps {
  x: XAxis;
  change: Change;
}

export function AxisChoice({ x, change }: AxisChoiceProps): ReactNode {
  return (
    <PopoverButton
      icon="axis"
      label="Horizontal axis"
      panel={(close) => (
        <AxisList
          x={x}
          onChange={(to) => {
            close();
            change({ x: to, zoom: [], pin: null, xEnds: [null, null] });
          }}
        />
      )}
    >
      <span className="picker-title">X</span>
      <span className="picker-value">
        <bdi>{axisLabel(x)}</bdi>
      </span>
    </PopoverButton>
  );
}

function AxisList({ x, onChange }: { x: XAxis; onChange: (x: XAxis) => void }): ReactNode {
  const [find, setFind] = useState('');
  const named = useMetricNames(find);
  const words = findWords(find);
  const fixed = X_AXES.filter(({ label }) => hasWords(label, words));
  const metrics = (named?.names ?? []).filter((name) => hasWords(name, words));
  const item = (value: XAxis): ReactNode => (
    <button
      key={value}
      type="button"
      role="radio"
      aria-checked={value === x}
      data-item
      className="picker-item"
      onClick={() => onChange(value)}
    >
      <span className="picker-mark" aria-hidden="true">
        {value === x && <Icon name="check" size={12} />}
      </span>
      <span className="menu-label">
        <bdi>{axisLabel(value)}</bdi>
      </span>
    </button>
  );
  return (
    <div className="picker" onKeyDown={walkItems}>
      <div className="picker-head">
        <FindField label="Find an axis" placeholder="Find a metric…" value={find} onFind={setFind} first />
      </div>
      <div className="picker-list" role="radiogroup" aria-label="Horizontal axis">
        {fixed.map(({ value }) => item(value))}
        {metrics.length > 0 && <h3>Metrics</h3>}
        {metrics.map((name) => item(`${METRIC_AXIS}${name}`))}
        <NamesEnd named={named} find={find} others={fixed.length} />
      </div>
    </div>
  );
}
