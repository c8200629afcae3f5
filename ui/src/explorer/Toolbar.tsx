/** Controls for grouping, axes, smoothing, and the tooltip. */
import { useMemo, useState, type ReactNode } from 'react';
import type { Item, Result } from '../data/result';
import { Button, Choice, Slider, Switch } from '../parts/design/controls';
import type { Change } from './view/store';
import { DEFAULT_VIEW, type Channel, type PaletteChoice, type View } from './view/view';
import { AxisChoice } from './AxisChoice';
import { switched } from './channels';
import { ControlLine, ControlGroup } from './ControlLine';
import { FieldPicker } from './FieldPicker';
import { AxesButton, GroupButton, LegendButton, PointerButton, type ToolbarProps } from './panels';
import { averaged, averages, repeatsOf, single } from './repeats';
import { regrouped } from './visibility';
import { smoothingText } from '../text/format';

const CHANNELS = [
  { name: 'color', title: 'Color', icon: 'palette', on: 'any' },
  { name: 'stroke', title: 'Stroke', icon: 'stroke', on: 'wide' },
  { name: 'chart', title: 'Chart', icon: 'grid', on: 'wide' },
] as const;

export function Toolbar(props: ToolbarProps): ReactNode {
  const { view, change, result, telling, onExport } = props;
  return (
    <ControlLine
      tools={
        <>
          <ZoomButtons view={view} change={change} />
          <ControlGroup on="middle">
            <PointerButton {...props} />
            <Button icon="download" tip="Charts as a picture" onClick={onExport} />
          </ControlGroup>
        </>
      }
      last={<LegendButton view={view} change={change} />}
    >
      <ChannelPickers view={view} change={change} result={result} telling={telling} />
      <AverageButton view={view} change={change} result={result} />
      <ControlGroup on="middle">
        <GroupButton {...props} />
      </ControlGroup>
      <span className="rule" />
      <ControlGroup on="middle">
        <AxisChoice x={view.x} change={change} />
      </ControlGroup>
      <ControlGroup on="wide">
        <AxesButton {...props} />
      </ControlGroup>
      <span className="rule" />
      <ControlGroup on="middle">
        <SmoothingInput view={view} change={change} />
      </ControlGroup>
    </ControlLine>
  );
}

/** Always in place, so that a chart keeps its size when its window changes. */
export function ZoomButtons({ view: { zoom }, change }: Pick<ToolbarProps, 'view' | 'change'>): ReactNode {
  return (
    <>
      <ControlGroup on="middle">
        <Button
          icon="undo"
          tip="Zoom out"
          disabled={zoom.length === 0}
          onClick={() => change({ zoom: zoom.slice(0, -1) })}
        />
      </ControlGroup>
      <Button icon="reset" tip="Reset zoom" disabled={zoom.length === 0} onClick={() => change({ zoom: [] })} />
    </>
  );
}

/** Where runs repeat one another: one line for the repeats of each setting. */
function AverageButton({ view, change, result }: Pick<ToolbarProps, 'view' | 'change' | 'result'>): ReactNode {
  const { runs, paths } = result;
  const repeats = useMemo(() => repeatsOf({ runs, paths }), [runs, paths]);
  if (repeats.params.length === 0) return null;
  const on = averages(view, repeats);
  const names = repeats.params.map((path) => path.slice(path.lastIndexOf('.') + 1)).join(', ');
  return (
    <ControlGroup>
      <Button
        active={on}
        aria-pressed={on}
        tip={`One line for all runs that differ only in ${names}`}
        onClick={() => change(on ? single(view) : averaged(view, repeats))}
      >
        <span className="repeats">
          Average over <bdi>{names}</bdi>
        </span>
      </Button>
    </ControlGroup>
  );
}

/** The fields for color, stroke and chart. */
export function ChannelPickers({
  view,
  change,
  result,
  telling,
  without,
  standard = DEFAULT_VIEW,
}: Pick<ToolbarProps, 'view' | 'change'> & {
  result: Result<Item>;
  telling?: readonly string[];
  /** The channel that these charts lack. */
  without?: Channel;
  standard?: View;
}): ReactNode {
  return CHANNELS.filter(({ name }) => name !== without).map(({ name, title, icon, on }) => (
    <ControlGroup key={name} on={on}>
      <FieldPicker
        title={title}
        icon={icon}
        chosen={view[name]}
        standard={standard[name]}
        result={result}
        before={view.allBut.includes(name) ? 'all but' : undefined}
        off={view.off.includes(name)}
        telling={telling}
        onChange={(chosen) => change({ [name]: chosen, ...regrouped(view) })}
      >
        <ChannelFoot channel={name} view={view} change={change} />
      </FieldPicker>
    </ControlGroup>
  ));
}

const PALETTES: readonly { value: PaletteChoice; label: string }[] = [
  { value: 'auto', label: 'Auto' },
  { value: 'eight', label: '8 colors' },
  { value: 'many', label: '24 colors' },
];

export function ChannelFoot({ channel, view, change }: { channel: Channel; view: View; change: Change }): ReactNode {
  const kept = view.keep.includes(channel);
  return (
    <div className="panel channel-foot">
      <Switch
        checked={!view.off.includes(channel)}
        onChange={(on) => change({ off: switched(view.off, channel, !on), ...regrouped(view) })}
      >
        Apply
      </Switch>
      <Switch
        checked={view.allBut.includes(channel)}
        onChange={(on) => change({ allBut: switched(view.allBut, channel, on), ...regrouped(view) })}
      >
        All params except these
      </Switch>
      {channel !== 'chart' && (
        <div className="panel-row">
          <Switch checked={kept} onChange={(on) => change({ keep: switched(view.keep, channel, on) })}>
            {channel === 'color' ? 'Fixed color per value' : 'Fixed dash per value'}
          </Switch>
          {kept && (
            <Button small onClick={() => change({ seed: view.seed + 1 })}>
              Shuffle
            </Button>
          )}
        </div>
      )}
      {channel === 'color' && (
        <label className="panel-row">
          <span>Palette</span>
          <Choice label="Palette" value={view.palette} options={PALETTES} onChange={(palette) => change({ palette })} />
        </label>
      )}
    </div>
  );
}

const KINDS = [
  { value: 'ema', label: 'EMA' },
  { value: 'average', label: 'Average' },
] as const;

export function SmoothingInput({ view, change }: { view: View; change: Change }): ReactNode {
  const [chosen, setChosen] = useState<'ema' | 'average'>(view.average > 1 ? 'average' : 'ema');
  const kind = view.average > 1 ? 'average' : view.smooth > 0 ? 'ema' : chosen;
  const on = view.average > 1 || view.smooth > 0;
  const set = (to: 'ema' | 'average'): void => {
    setChosen(to);
    if (on) change(to === 'ema' ? { smooth: 0.6, average: 1 } : { smooth: 0, average: 9 });
  };
  return (
    <span className="labeled">
      <span>Smoothing</span>
      <Choice label="Kind of smoothing" value={kind} options={KINDS} onChange={set} />
      {kind === 'ema' ? (
        <Slider
          label="Smoothing"
          value={view.smooth}
          max={0.99}
          step={0.01}
          text={smoothingText(view.smooth)}
          onChange={(smooth) => change({ smooth }, 'adjust')}
        />
      ) : (
        <Slider
          label="Points of the average"
          value={(view.average - 1) / 2}
          max={49}
          step={1}
          text={view.average === 1 ? 'off' : `${view.average}`}
          onChange={(half) => change({ average: 2 * half + 1 }, 'adjust')}
        />
      )}
    </span>
  );
}
