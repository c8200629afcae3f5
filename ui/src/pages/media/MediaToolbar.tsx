/** Controls of the grid: rows and columns, ranges, and how pictures are drawn. */
import type { ReactNode } from 'react';
import type { MediaResult } from '../../data/cells';
import { switched } from '../../explorer/channels';
import { ControlGroup, ControlLine } from '../../explorer/ControlLine';
import { FieldPicker } from '../../explorer/FieldPicker';
import { Button, Choice, Switch } from '../../parts/design/controls';
import { PopoverButton } from '../../parts/design/Popover';
import { RangeSlider, type RangeEnds } from '../../parts/design/RangeSlider';
import { countText } from '../../text/format';
import {
  LARGEST,
  SMALLEST,
  STANDARD_COLUMNS,
  STANDARD_ROWS,
  STEPS,
  type PictureFit,
  type MediaAddress,
  type PixelLook,
  type GridSide,
} from './mediaAddress';
import { SizeSlider } from './SizeSlider';
import type { ChangeMedia } from './useMediaAddress';

export interface MediaToolbarProps {
  result: MediaResult;
  address: MediaAddress;
  change: ChangeMedia;
}

const SIDES = [
  { side: 'rows', title: 'Rows', icon: 'list', standard: STANDARD_ROWS },
  { side: 'columns', title: 'Columns', icon: 'columns', standard: STANDARD_COLUMNS },
] as const;

export function MediaToolbar({ result, address, change }: MediaToolbarProps): ReactNode {
  const { firstStep, lastStep, lastIndex } = result;
  const playing = address.at !== null;
  return (
    <ControlLine
      label="Pictures"
      tools={
        <ControlGroup on="middle">
          <SizeSlider
            size={address.size}
            low={SMALLEST}
            high={LARGEST}
            onChange={(size) => change({ size }, 'adjust')}
          />
        </ControlGroup>
      }
      last={<LookButton address={address} change={change} />}
    >
      {SIDES.map(({ side, title, icon, standard }) => (
        <ControlGroup key={side}>
          <FieldPicker
            title={title}
            icon={icon}
            chosen={address[side]}
            standard={standard}
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
          tip="One step for all pictures"
          onClick={() => change({ at: playing ? null : (address.hi ?? lastStep) })}
        >
          One step
        </Button>
      </ControlGroup>
    </ControlLine>
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

const FITS: readonly { value: PictureFit; label: string }[] = [
  { value: 'contain', label: 'Whole pictures' },
  { value: 'cover', label: 'Fill the tiles' },
];
const PIXELS: readonly { value: PixelLook; label: string }[] = [
  { value: 'auto', label: 'Pixels: sharp where enlarged' },
  { value: 'sharp', label: 'Pixels: sharp' },
  { value: 'smooth', label: 'Pixels: smooth' },
];

function LookButton({ address, change }: Pick<MediaToolbarProps, 'address' | 'change'>): ReactNode {
  return (
    <PopoverButton
      icon="picture"
      label="How pictures are drawn"
      tip="How pictures are drawn"
      end
      active={address.fit !== 'contain' || address.pixels !== 'auto'}
      panel={() => (
        <div className="panel">
          <Choice label="Fit" value={address.fit} options={FITS} onChange={(fit) => change({ fit })} />
          <Choice label="Pixels" value={address.pixels} options={PIXELS} onChange={(pixels) => change({ pixels })} />
        </div>
      )}
    />
  );
}
