/** Controls of the grid: rows and columns, ranges, and how media are drawn. */
import { useMemo, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import type { MediaResult } from '../../data/cells';
import { switched } from '../../explorer/channels';
import { ControlGroup, ControlLine } from '../../explorer/ControlLine';
import { FieldPicker } from '../../explorer/FieldPicker';
import { Button, Choice, Switch } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { RangeSlider, type RangeEnds } from '../../parts/design/RangeSlider';
import { countText } from '../../text/format';
import type { MediaKindRow } from './kindRow';
import { amountOf } from './labels';
import { STEPS, type GridSide, type MediaAddress } from './mediaAddress';
import { SizeSlider } from './SizeSlider';
import { itemsAt } from './steps';
import type { ChangeMedia } from './useMediaAddress';

export interface MediaToolbarProps {
  result: MediaResult;
  kind: MediaKindRow;
  q: string;
  address: MediaAddress;
  /** The size of the tiles, and one of the looks of the kind. */
  size: number;
  look: string;
  change: ChangeMedia;
}

const SIDES = [
  { side: 'rows', title: 'Rows', icon: 'list' },
  { side: 'columns', title: 'Columns', icon: 'columns' },
] as const;

export function MediaToolbar({ result, kind, q, address, size, look, change }: MediaToolbarProps): ReactNode {
  const { firstStep, lastStep, lastIndex } = result;
  const playing = address.at !== null;
  const { Controls } = kind;
  return (
    <ControlLine
      label={kind.label}
      tools={
        <>
          {kind.looks.length > 0 && (
            <ControlGroup on="middle">
              <Choice
                label={`How ${kind.nouns} are shown`}
                value={look}
                options={kind.looks}
                onChange={(next) => change({ look: next === kind.looks[0]?.value ? null : next })}
              />
            </ControlGroup>
          )}
          <ControlGroup on="middle">
            <SizeSlider
              size={size}
              low={kind.sizes[0]}
              high={kind.sizes[1]}
              onChange={(next) => change({ size: next }, 'adjust')}
            />
          </ControlGroup>
        </>
      }
      last={
        <>
          {Controls && <Controls address={address} change={change} />}
          <DownloadAll result={result} kind={kind} address={address} q={q} />
        </>
      }
    >
      {SIDES.map(({ side, title, icon }) => (
        <ControlGroup key={side}>
          <FieldPicker
            title={title}
            icon={icon}
            chosen={address[side] ?? kind[side]}
            standard={kind[side]}
            result={result}
            before={address.allBut.includes(side) ? 'all but' : undefined}
            onChange={(chosen) => change({ [side]: chosen })}
          >
            <SideFoot side={side} address={address} change={change} />
          </FieldPicker>
        </ControlGroup>
      ))}
      <span className="rule" />
      {lastStep > firstStep && (
        <ControlGroup on="middle">
          <LabeledRange
            label="Steps"
            min={firstStep}
            max={lastStep}
            value={[address.lo, address.hi]}
            onChange={(lo, hi) => change({ lo, hi })}
          />
        </ControlGroup>
      )}
      {lastIndex > 0 && (
        <ControlGroup on="wide">
          <LabeledRange
            label="Index"
            min={0}
            max={lastIndex}
            value={[address.low, address.high]}
            onChange={(low, high) => change({ low, high })}
          />
        </ControlGroup>
      )}
      <ControlGroup on="wide">
        <StepCount address={address} change={change} />
      </ControlGroup>
      <ControlGroup on="middle">
        <Button
          icon="play"
          active={playing}
          aria-pressed={playing}
          tip={`One step for all ${kind.nouns}`}
          onClick={() => change({ at: playing ? null : (address.hi ?? lastStep) })}
        >
          One step
        </Button>
      </ControlGroup>
    </ControlLine>
  );
}

/** The server makes no larger file. */
const MOST_BYTES = 2 ** 31;

function DownloadAll({
  result,
  kind,
  address,
  q,
}: Pick<MediaToolbarProps, 'result' | 'kind' | 'address' | 'q'>): ReactNode {
  const { filesAddress } = useApi();
  const { items } = result;
  const shown = useMemo(() => (address.at === null ? items : itemsAt(items, address.at)), [items, address.at]);
  const bytes = shown.reduce((sum, item) => sum + item.size, 0);
  const said = amountOf(shown, kind.noun);
  if (shown.length === 0 || bytes > MOST_BYTES)
    return <Button icon="download" disabled aria-label={`Download ${said}: too many at once`} />;
  const { lo, hi, low, high, steps, at } = address;
  const find = kind.searched === null ? '' : address.find;
  const wanted = { q, kind: kind.kind, lo, hi, low_index: low, high_index: high, steps, find, at };
  return (
    <a
      className="button square"
      href={filesAddress(wanted)}
      download
      data-tip={`Download ${said}`}
      aria-label={`Download ${said}`}
    >
      <Icon name="download" />
    </a>
  );
}

function SideFoot({
  side,
  address,
  change,
}: { side: GridSide } & Pick<MediaToolbarProps, 'address' | 'change'>): ReactNode {
  return (
    <div className="panel channel-foot">
      <Switch
        checked={address.allBut.includes(side)}
        onChange={(on) => change({ allBut: switched(address.allBut, side, on) as GridSide[] })}
      >
        All params except these
      </Switch>
      <Switch
        checked={address.down.includes(side)}
        onChange={(on) => change({ down: switched(address.down, side, on) as GridSide[] })}
      >
        Descending
      </Switch>
    </div>
  );
}

/** An end of the range that is that of all values is not kept, so that new values are in it. */
function LabeledRange({
  label,
  min,
  max,
  value: [low, high],
  onChange,
}: {
  label: string;
  min: number;
  max: number;
  value: readonly [number | null, number | null];
  onChange: (low: number | null, high: number | null) => void;
}): ReactNode {
  const within = (at: number | null, standard: number): number => Math.min(max, Math.max(min, at ?? standard));
  const ends: RangeEnds = [within(low, min), within(high, max)];
  return (
    <span className="labeled named">
      <span>{label}</span>
      <RangeSlider
        label={label}
        min={min}
        max={max}
        value={ends}
        text={([from, to]) => `${countText(from)}–${countText(to)}`}
        onChange={([from, to]) => onChange(from <= min ? null : from, to >= max ? null : to)}
      />
    </span>
  );
}

const COUNTS = STEPS.map((count) => ({ value: String(count), label: `up to ${countText(count)} steps` }));

function StepCount({ address, change }: Pick<MediaToolbarProps, 'address' | 'change'>): ReactNode {
  const value = String(address.steps);
  const known = COUNTS.some((option) => option.value === value);
  const own = { value, label: `up to ${countText(address.steps)} steps` };
  return (
    <Choice
      label="Number of steps"
      value={value}
      options={known ? COUNTS : [own, ...COUNTS]}
      onChange={(steps) => change({ steps: Number(steps) })}
    />
  );
}
