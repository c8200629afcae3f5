/** All runs in one table: params beside the chosen values of their metrics. */
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../design/controls';
import { PopoverButton, walkItems } from '../../design/Popover';
import { Icon } from '../../design/Icon';
import { chartTheme } from '../../explorer/chartTheme';
import { Highlight } from '../../explorer/highlight';
import type { Marker } from '../../explorer/lines';
import { adjust, useAddress } from '../../frame/address';
import { useFrame, useTitle } from '../../frame/useFrame';
import type { Change } from '../../state/useView';
import { FRESH, type View } from '../../state/view';
import { coloured, runColumns } from './columns';
import { RunPanel } from './RunPanel';
import { RunQuery } from './RunQuery';
import { readValues, VALUES, type RunTable, type Value } from './runTable';
import { useTableView } from './useTableView';

const PLAIN: Marker = { color: 'transparent', dash: [] };
const TOLD: { [K in Value]: string } = {
  last: 'the newest value',
  min: 'the least value',
  max: 'the greatest value',
  mean: 'of all values',
  first: 'the value it began with',
};

export default function RunsPage(): ReactNode {
  const [view, change] = useTableView();
  useTitle(view.q || 'Runs');
  return (
    <>
      <h1 className="hidden-text">Runs</h1>
      <RunQuery q={view.q ?? ''} onSearch={(q) => change({ ...FRESH, q: q || null })}>
        {(table) => <Runs table={table} view={view} change={change} />}
      </RunQuery>
    </>
  );
}

function Runs({ table, view, change }: { table: RunTable; view: View; change: Change }): ReactNode {
  const address = useAddress();
  const { theme } = useFrame();
  const [highlight] = useState(() => new Highlight());
  const words = address.getAll('value').join(' ');
  const values = useMemo(() => readValues(words === '' && !address.has('value') ? [] : words.split(' ')), [words]);
  const scale = address.get('scale') === '1';
  const columns = useMemo(() => {
    const plain = runColumns(table, values);
    return scale ? coloured(plain, table.result, chartTheme(theme).gradient) : plain;
  }, [table, values, scale, theme]);
  const marker = useCallback(() => PLAIN, []);
  return (
    <div className="runs-page">
      <RunPanel table={table} columns={columns} view={view} change={change} marker={marker} highlight={highlight}>
        <ValuesButton values={values} />
        <Button
          small
          icon="palette"
          aria-pressed={scale}
          active={scale}
          tip="Colour numbers along the scale of their column"
          onClick={() => adjust({ scale: scale ? null : '1' })}
        >
          Scale
        </Button>
      </RunPanel>
    </div>
  );
}

/** Each metric has a column for each of the chosen values. */
function ValuesButton({ values }: { values: readonly Value[] }): ReactNode {
  const toggle = (value: Value): void => {
    const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
    adjust({ value: next.join() === 'last' ? null : next.length ? next : [''] });
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
        </div>
      )}
    >
      {values.length ? `Metrics: ${values.join(', ')}` : 'Metrics: none'}
    </PopoverButton>
  );
}
