/** Panels of the toolbar: aggregation of groups, axes, and pointer options. */
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Bounds } from '../charts/types';
import { Button, Choice, Switch } from '../parts/design/controls';
import { PopoverButton } from '../parts/design/Popover';
import type { AreaMethod, LineMethod } from '../stats';
import { DEFAULT_VIEW, type Drag, type Lit, type TipPlace, type View } from './view/view';
import type { Change } from './view/store';
import type { Item, Result } from '../data/result';
import { Fields } from './FieldPicker';
import { plural } from '../text/format';

export interface ToolbarProps {
  view: View;
  change: Change;
  result: Result;
  /** The fields that `ANY_CONTEXT` stands for. */
  telling: readonly string[];
  /** The number of groups, and the size of the largest. */
  groups: number;
  largest: number;
  /** The default fields of the tooltip. */
  told: readonly string[];
  /** Whether the axes are logarithmic unless they are switched; of y, in all charts. */
  suggested: { readonly x: boolean; readonly y: boolean };
  onExport: () => void;
}

const LINES: readonly { value: LineMethod; label: string }[] = [
  { value: 'mean', label: 'Mean' },
  { value: 'median', label: 'Median' },
  { value: 'min', label: 'Minimum' },
  { value: 'max', label: 'Maximum' },
  { value: 'iqm', label: 'Interquartile mean' },
];

const AREAS: readonly { value: AreaMethod; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'minmax', label: 'Minimum to maximum' },
  { value: 'std', label: 'Mean ± standard deviation' },
  { value: 'stderr', label: 'Mean ± standard error' },
  { value: 'ci95', label: '95 % confidence of the mean' },
];

const labelOf = <T,>(options: readonly { value: T; label: string }[], value: T): string =>
  options.find((option) => option.value === value)?.label ?? '';

export function GroupButton(props: ToolbarProps): ReactNode {
  const { view } = props;
  return (
    <PopoverButton icon="group" label="Lines as groups" active={view.group} panel={() => <Groups {...props} />}>
      <span className="picker-title">Groups</span>
      <span className="picker-value">{view.group ? labelOf(LINES, view.line).toLowerCase() : 'off'}</span>
    </PopoverButton>
  );
}

function Groups({ view, change, groups, largest }: ToolbarProps): ReactNode {
  return (
    <div className="panel">
      <Switch checked={view.group} onChange={(group) => change({ group, open: [], pin: null })}>
        Draw each group as one line
      </Switch>
      <p className="panel-note">
        Lines with the same color, stroke and chart: {plural(groups, 'group')}, up to {plural(largest, 'line')} each.
        {largest === 1 && ' Group color by a param, or by all params but the seed, to see the runs of each together.'}
      </p>
      <Radios label="Line" options={LINES} value={view.line} onChange={(line) => change({ line, group: true })} />
      <Radios label="Area" options={AREAS} value={view.area} onChange={(area) => change({ area, group: true })} />
      <p className="panel-note">
        Confidence intervals use Student’s t and the number of runs at each point, shown as n in the tooltip. A single
        run has no area.
      </p>
    </div>
  );
}

function Radios<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
}): ReactNode {
  return (
    <fieldset className="radios">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="radio">
          <input type="radio" name={label} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function AxesButton({
  view,
  change,
  suggested,
}: Pick<ToolbarProps, 'view' | 'change' | 'suggested'>): ReactNode {
  const [logX, logY] = [view.logX ?? suggested.x, view.logY ?? suggested.y];
  const ends = [...view.xEnds, ...view.yEnds].some((end) => end !== null);
  const set = view.logX !== null || view.logY !== null || view.clip || view.curve || ends;
  const words = [logX && 'log x', logY && 'log y', ends && 'range', view.clip && 'no outliers'].filter(Boolean);
  return (
    <PopoverButton
      icon="axis"
      label="Axes"
      active={set}
      panel={() => (
        <div className="panel">
          <Switch checked={logX} onChange={(logX) => change({ logX, zoom: [] })}>
            Logarithmic x
          </Switch>
          <Switch checked={logY} onChange={(logY) => change({ logY, zoom: [] })}>
            Logarithmic y
          </Switch>
          {(view.logX !== null || view.logY !== null) && (
            <Button small onClick={() => change({ logX: null, logY: null, zoom: [] })}>
              Choose scales by the values
            </Button>
          )}
          <Switch checked={view.clip} onChange={(clip) => change({ clip })}>
            Ignore outliers
          </Switch>
          <Switch checked={view.curve} onChange={(curve) => change({ curve })}>
            Curves between points
          </Switch>
          <AxisLimits label="x" ends={view.xEnds} onChange={(xEnds) => change({ xEnds, zoom: [] })} />
          <AxisLimits label="y" ends={view.yEnds} onChange={(yEnds) => change({ yEnds, zoom: [] })} />
          <p className="panel-note">Limits apply to all charts. Empty = auto.</p>
        </div>
      )}
    >
      <span className="picker-title">Axes</span>
      {words.length > 0 && <span className="picker-value">{words.join(', ')}</span>}
    </PopoverButton>
  );
}

export function AxisLimits({
  label,
  ends,
  onChange,
}: {
  label: string;
  ends: Bounds;
  onChange: (ends: Bounds) => void;
}): ReactNode {
  const [low, high] = ends;
  const wrong = low !== null && high !== null && low >= high;
  return (
    <div className="panel-row" role="group" aria-label={`Limits of ${label}`}>
      <span className="ends-name">{label}</span>
      <BoundInput label={`Min ${label}`} value={low} below={high} onChange={(value) => onChange([value, high])} />
      <span>to</span>
      <BoundInput label={`Max ${label}`} value={high} above={low} onChange={(value) => onChange([low, value])} />
      {wrong && <span className="warn">min ≥ max</span>}
    </div>
  );
}

interface EndProps {
  label: string;
  value: number | null;
  above?: number | null;
  below?: number | null;
  onChange: (value: number | null) => void;
}

/** Applied when editing ends, so that a half-typed number changes nothing. */
function BoundInput({ label, value, above = null, below = null, onChange }: EndProps): ReactNode {
  const [text, setText] = useState<string | null>(null);
  const typed = text ?? (value === null ? '' : String(value));
  const number = typed.trim() === '' ? null : Number(typed);
  const wrong =
    number !== null &&
    (!Number.isFinite(number) || (above !== null && number <= above) || (below !== null && number >= below));
  const take = (): void => {
    if (text === null || wrong) return;
    setText(null);
    if (number !== value) onChange(number);
  };
  return (
    <input
      className="field end-field"
      inputMode="decimal"
      placeholder="auto"
      aria-label={label}
      aria-invalid={wrong}
      value={typed}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && take()}
    />
  );
}

const LIT: readonly { value: Lit; label: string }[] = [
  { value: 'run', label: 'All lines of the run' },
  { value: 'metric', label: 'Only this line' },
  { value: 'none', label: 'Off' },
];

const DRAGS: readonly { value: Drag; label: string }[] = [
  { value: 'zoom', label: 'Zoom' },
  { value: 'once', label: 'Zoom once, then pan' },
  { value: 'pan', label: 'Pan' },
];

const PLACES: readonly { value: TipPlace; label: string }[] = [
  { value: 'near', label: 'Next to the point' },
  { value: 'top', label: 'At the top' },
  { value: 'bottom', label: 'At the bottom' },
  { value: 'off', label: 'Hidden' },
];

export function LegendButton({ view, change }: Pick<ToolbarProps, 'view' | 'change'>): ReactNode {
  return (
    <Button
      icon="list"
      aria-pressed={view.legend}
      active={view.legend}
      tip="Legend"
      onClick={() => change({ legend: !view.legend })}
    />
  );
}

export function PointerButton({
  view,
  change,
  result,
  told,
  lines = true,
}: Pick<ToolbarProps, 'view' | 'change' | 'told'> & {
  result: Result<Item>;
  /** Whether a run has several lines, which are highlighted together. */
  lines?: boolean;
}): ReactNode {
  const { lit, tipAt, drag } = DEFAULT_VIEW;
  const set = view.lit !== lit || view.tipAt !== tipAt || view.drag !== drag || view.tip !== null;
  return (
    <PopoverButton
      icon="pointer"
      label="Pointer and tooltip"
      tip="Pointer and tooltip"
      end
      active={set}
      panel={() => (
        <Fields
          title="Tooltip shows"
          chosen={view.tip ?? told}
          standard={told}
          result={result}
          onChange={(tip) => change({ tip: tip === told ? null : tip })}
        >
          <div className="panel channel-foot">
            <label className="panel-row">
              <span>Tooltip</span>
              <Choice
                label="Place of the tooltip"
                value={view.tipAt}
                options={PLACES}
                onChange={(tipAt) => change({ tipAt })}
              />
            </label>
            {lines && (
              <>
                <label className="panel-row">
                  <span>Highlight on hover</span>
                  <Choice
                    label="Highlight on hover"
                    value={view.lit}
                    options={LIT}
                    onChange={(lit) => change({ lit })}
                  />
                </label>
                <label className="panel-row">
                  <span>Drag</span>
                  <Choice label="Drag" value={view.drag} options={DRAGS} onChange={(drag) => change({ drag })} />
                </label>
              </>
            )}
            {view.tip !== null && (
              <Button small onClick={() => change({ tip: null })}>
                Show what differs
              </Button>
            )}
          </div>
        </Fields>
      )}
    />
  );
}
