/** Runs as points over two of their params or metrics, with a trend. */
import { useMemo, type ReactNode } from 'react';
import { Scatter, spansDecades, type Range, type ScatterOptions } from '../../charts';
import { Button, Choice } from '../../parts/design/controls';
import { chartTheme } from '../../explorer/chartTheme';
import type { Item } from '../../data/result';
import type { Column } from '../../explorer/columns';
import { runName } from '../../text/runName';
import { Notice } from '../../parts/states';
import { adjust, useAddress } from '../../parts/address';
import { axisOf } from '../plots/axes';
import type { PlotDrawing } from '../plots/PlotCard';
import { ControlGroup } from '../../explorer/ControlLine';
import { RunPlots } from '../plots/RunPlots';
import { usePlots } from '../plots/usePlots';
import { RunCondition, type RunPageProps } from '../runs/RunCondition';

const TRENDS = [
  { value: 'none', label: 'No trend' },
  { value: 'linear', label: 'Linear trend' },
  { value: 'loess', label: 'LOESS trend' },
] as const;
type TrendChoice = ScatterOptions['trend'];

export default function ScatterPage(): ReactNode {
  return <RunCondition title="Scatter">{(props) => <ScatterContent {...props} />}</RunCondition>;
}

/** `missing`: axes of the link that no run has, for example after a change of the query. */
function NoColumn({ missing }: { missing: readonly string[] }): ReactNode {
  return (
    <Notice icon="axis" title="No axes to choose from">
      {missing.length > 0 ? (
        <p>
          None of these runs has <bdi>{missing.join(' or ')}</bdi>. Choose another axis above.
        </p>
      ) : (
        <p>These runs have no params and no metrics.</p>
      )}
    </Notice>
  );
}

function ScatterContent(props: RunPageProps): ReactNode {
  const { view, change } = props;
  const plots = usePlots(props);
  const { result, theme, style, possible, standard } = plots;
  const address = useAddress();
  const columnOf = (name: string, fallback: string | undefined): Column<Item> | undefined =>
    possible.find(({ id }) => id === (address.get(name) ?? fallback));
  const x = columnOf('px', standard[0]);
  const y = columnOf('py', standard[standard.length - 1]);
  const axes = useMemo(() => (x && y ? { x: axisOf(x, result), y: axisOf(y, result) } : null), [x, y, result]);
  const logX = view.logX ?? (axes !== null && spansDecades(axes.x));
  const logY = view.logY ?? (axes !== null && spansDecades(axes.y));
  const trend: TrendChoice = TRENDS.find(({ value }) => value === address.get('trend'))?.value ?? 'none';
  const each = address.get('each') === '1';
  const grouped = style.fields.color.length > 0;
  const [zx, zy] = [address.get('zx') ?? '', address.get('zy') ?? ''];

  const { marker, shown, grouping } = style;
  const setData = useMemo<PlotDrawing<Scatter>['setData']>(
    () => (chart, group) => {
      if (!axes) return;
      const mine = new Set(group.items);
      const rows = result.items.map((series) => ({
        key: series.key,
        label: runName(series.run),
        color: marker(series).color,
        group: String(grouping.colorOf.get(series.key) ?? ''),
        hidden: !mine.has(series) || !shown.has(series.key),
      }));
      chart.setData({ rows, ...axes });
    },
    [result, axes, marker, grouping, shown],
  );
  const setOptions = useMemo<PlotDrawing<Scatter>['setOptions']>(
    () => (chart) =>
      chart.setOptions({
        theme: chartTheme(theme),
        xScale: logX ? 'log' : 'linear',
        yScale: logY ? 'log' : 'linear',
        xRange: readRange(zx),
        yRange: readRange(zy),
        trend,
        trendBy: each && grouped ? 'group' : 'all',
      }),
    [theme, logX, logY, zx, zy, trend, each, grouped],
  );
  const drawing = useMemo(() => ({ make, setData, setOptions }), [setData, setOptions]);
  const asked = [address.get('px'), address.get('py')];
  const missing = [...new Set(asked)].filter(
    (id) => id !== null && !possible.some((column) => column.id === id),
  ) as string[];
  const options = [
    ...possible.map(({ id, label }) => ({ value: id, label })),
    ...missing.map((id) => ({ value: id, label: id })),
  ];
  return (
    <RunPlots
      {...props}
      plots={plots}
      drawing={drawing}
      without="stroke"
      empty={axes ? null : <NoColumn missing={missing} />}
      axes={x && y ? (x === y ? [x] : [x, y]) : []}
      title={[x && y ? `${y.label} over ${x.label}` : 'Scatter', view.q].filter(Boolean).join(' if ')}
    >
      <ControlGroup>
        <Choice
          label="X"
          value={x?.id ?? asked[0] ?? ''}
          options={named('X', options)}
          onChange={(px) => adjust({ px, zx: null })}
        />
      </ControlGroup>
      <ControlGroup on="wide">
        <Pressed on={logX} onChange={(logX) => change({ logX })}>
          Log X
        </Pressed>
      </ControlGroup>
      <ControlGroup>
        <Choice
          label="Y"
          value={y?.id ?? asked[1] ?? ''}
          options={named('Y', options)}
          onChange={(py) => adjust({ py, zy: null })}
        />
      </ControlGroup>
      <ControlGroup on="wide">
        <Pressed on={logY} onChange={(logY) => change({ logY })}>
          Log Y
        </Pressed>
      </ControlGroup>
      <ControlGroup on="middle">
        <Choice
          label="Trend"
          value={trend}
          options={TRENDS}
          onChange={(next) => adjust({ trend: next === 'none' ? null : next })}
        />
      </ControlGroup>
      {trend !== 'none' && grouped && (
        <Pressed on={each} onChange={(on) => adjust({ each: on ? '1' : null })}>
          Per color
        </Pressed>
      )}
      {(zx !== '' || zy !== '') && (
        <Button icon="reset" onClick={() => adjust({ zx: null, zy: null })}>
          Reset zoom
        </Button>
      )}
    </RunPlots>
  );
}

function make(host: HTMLElement): Scatter {
  const chart = new Scatter(host);
  chart.on.zoom((zoom) => adjust({ zx: rangeText(zoom.x), zy: rangeText(zoom.y) }));
  return chart;
}

const named = <T extends { label: string }>(name: string, options: readonly T[]): T[] =>
  options.map((option) => ({ ...option, label: `${name}: ${option.label}` }));

function Pressed({
  on,
  onChange,
  children,
}: {
  on: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
}): ReactNode {
  return (
    <Button active={on} aria-pressed={on} onClick={() => onChange(!on)}>
      {children}
    </Button>
  );
}

const rangeText = (range: Range | null): string | null =>
  range && range.map((end) => Number(end.toPrecision(10))).join('~');

function readRange(text: string): Range | null {
  const [low = NaN, high = NaN] = text.split('~').map((end) => (end === '' ? NaN : Number(end)));
  return Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null;
}
