/** All runs in one table: params beside the chosen values of their metrics, as rows or as groups of them. */
import type { Item } from '../../data/result';
import { useCallback, useState, type ReactNode } from 'react';
import { Button, Choice } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { PopoverButton, walkItems } from '../../parts/design/Popover';
import { FieldPicker } from '../../explorer/FieldPicker';
import { Highlight } from '../../explorer/highlight';
import type { Row } from '../../explorer/rows';
import { ChannelFoot } from '../../explorer/Toolbar';
import { useStyle, type Style } from '../../explorer/useStyle';
import { href, navigate } from '../../parts/address';
import { useFrame } from '../../parts/useFrame';
import type { LineMethod } from '../../stats';
import { RunPanel } from './RunPanel';
import { RunQuery, type RunPageProps } from './RunQuery';
import { VALUES, type Reducers, type Value } from './reducers';
import { useRunColumns } from './useRunColumns';

const TOLD: { [K in Value]: string } = {
  last: 'latest value',
  min: 'minimum',
  max: 'maximum',
  mean: 'mean of all values',
  first: 'first value',
};

export default function RunsPage(): ReactNode {
  return <RunQuery title="Runs">{(props) => <Runs {...props} />}</RunQuery>;
}

function Runs({ table, view, change }: RunPageProps): ReactNode {
  const { theme } = useFrame();
  const [highlight] = useState(() => new Highlight());
  const looks = useStyle(table.result, view, theme);
  const columns = useRunColumns(table, view, change);
  const grouped = looks.fields.color.length > 0;
  const { open } = view;
  const onHold = useCallback(
    (row: Row<Item>) => {
      if (window.getSelection()?.toString()) return;
      if (!row.bundle) navigate(href('run', { run: row.members[0].run.id }));
      else change({ open: open.includes(row.key) ? open.filter((key) => key !== row.key) : [...open, row.key] });
    },
    [change, open],
  );
  return (
    <div className={`runs-page ${grouped ? '' : 'plain'}`}>
      <RunPanel
        table={table}
        columns={columns}
        bundles={grouped ? looks.bundles : null}
        marks={grouped ? GROUPED_MARKS : PLAIN_MARKS}
        view={view}
        change={change}
        shown={looks.shown}
        marker={looks.marker}
        highlight={highlight}
        onToggle={NOTHING}
        onHold={onHold}
        tools={
          <>
            <GroupPicker table={table} view={view} change={change} looks={looks} />
            <ValuesButton reducers={columns.wanted.reducers} onChange={columns.change} />
          </>
        }
      />
    </div>
  );
}

/** Rows have a box, and a color only in groups. */
const PLAIN_MARKS = 44;
const GROUPED_MARKS = 66;
const NOTHING = (): void => undefined;

const FOLDS: readonly { value: LineMethod; label: string }[] = [
  { value: 'mean', label: 'Mean' },
  { value: 'median', label: 'Median' },
  { value: 'min', label: 'Minimum' },
  { value: 'max', label: 'Maximum' },
  { value: 'iqm', label: 'Interquartile mean' },
];

function GroupPicker({ table, view, change, looks }: RunPageProps & { looks: Style<Item> }): ReactNode {
  const all = view.open.length === 0;
  return (
    <>
      <FieldPicker
        small
        title="Group"
        icon="group"
        chosen={view.color}
        standard={NO_FIELDS}
        result={table.result}
        before={view.allBut.includes('color') ? 'all but' : undefined}
        off={view.off.includes('color')}
        onChange={(color) => change({ color, open: [] })}
      >
        <div className="panel">
          <label className="panel-row">
            <span>Group values</span>
            <Choice label="Group values" value={view.line} options={FOLDS} onChange={(line) => change({ line })} />
          </label>
        </div>
        <ChannelFoot channel="color" view={view} change={change} />
      </FieldPicker>
      {looks.fields.color.length > 0 && (
        <Button small onClick={() => change({ open: all ? looks.bundles.map(({ key }) => key) : [] })}>
          {all ? 'List all runs' : 'Groups only'}
        </Button>
      )}
    </>
  );
}

const NO_FIELDS: readonly string[] = [];

/** Each metric has a column for each of the chosen values, where its own head does not say otherwise. */
function ValuesButton({
  reducers,
  onChange,
}: {
  reducers: Reducers;
  onChange: (reducers: Reducers) => void;
}): ReactNode {
  const { values } = reducers;
  const toggle = (value: Value): void => {
    const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
    onChange({ ...reducers, values: VALUES.filter((one) => next.includes(one)) });
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
