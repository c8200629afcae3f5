/** The axes of one chart, its smoothing, and the value that it shows. */
import type { ReactNode } from 'react';
import { axisMetric, METRIC_AXIS, X_AXES } from '../../data/axis';
import { AxisLimits } from '../../explorer/panels';
import { Choice, Switch } from '../../parts/design/controls';
import { PopoverButton } from '../../parts/design/Popover';
import type { DashboardChart } from '../../wire';
import { SmoothingSlider } from '../home/SmoothingSlider';
import { useMetrics } from '../home/useRuns';
import { isMedia, titleOf } from './board';
import { xAxisOf } from './boardCurves';

const SCALES = [
  { value: 'auto', label: 'Automatic' },
  { value: 'linear', label: 'Linear' },
  { value: 'log', label: 'Logarithmic' },
] as const;

export const VALUES = [
  { value: 'last', label: 'Last' },
  { value: 'min', label: 'Minimum' },
  { value: 'max', label: 'Maximum' },
  { value: 'first', label: 'First' },
] as const;

export const hasSettings = ({ kind }: DashboardChart): boolean => !isMedia(kind);

interface ChartSettingsProps {
  chart: DashboardChart;
  /** Ids of runs whose metrics can be the x axis. */
  runs: readonly string[];
  onChange: (chart: DashboardChart) => void;
}

export function ChartSettings(props: ChartSettingsProps): ReactNode {
  const title = titleOf(props.chart);
  return (
    <PopoverButton
      small
      icon="filter"
      aria-label={`Settings of ${title}`}
      title="Axes and values"
      label={`Settings of ${title}`}
      end
      panel={() => <SettingsFields {...props} />}
    />
  );
}

function SettingsFields({ chart, runs, onChange }: ChartSettingsProps): ReactNode {
  const { kind, x_scale, y_scale, x_range, y_range, value } = chart;
  const set = (change: Partial<DashboardChart>): void => onChange({ ...chart, ...change });
  const [hasX, hasY] = [kind === 'line' || kind === 'scatter', kind !== 'number'];
  const y = hasX ? 'y' : 'value';
  return (
    <div className="panel board-settings">
      {kind === 'line' && <XAxisRow chart={chart} runs={runs} set={set} />}
      {kind !== 'line' && (
        <label className="panel-row">
          <span>Value of a metric</span>
          <Choice label="Value of a metric" value={value} options={VALUES} onChange={(value) => set({ value })} />
        </label>
      )}
      {hasX && (
        <label className="panel-row">
          <span>Scale of x</span>
          <Choice label="Scale of x" value={x_scale} options={SCALES} onChange={(x_scale) => set({ x_scale })} />
        </label>
      )}
      {hasY && (
        <label className="panel-row">
          <span>{kind === 'parallel' ? 'Scale of all axes' : `Scale of ${y}`}</span>
          <Choice label={`Scale of ${y}`} value={y_scale} options={SCALES} onChange={(y_scale) => set({ y_scale })} />
        </label>
      )}
      {hasX && <AxisLimits label="x" ends={x_range} onChange={([low, high]) => set({ x_range: [low, high] })} />}
      {hasY && kind !== 'parallel' && (
        <AxisLimits label={y} ends={y_range} onChange={([low, high]) => set({ y_range: [low, high] })} />
      )}
      {kind === 'line' && (
        <>
          <SmoothingSlider className="panel-row" value={chart.smoothing} onRest={(smoothing) => set({ smoothing })} />
          <Switch checked={chart.ignore_outliers} onChange={(ignore_outliers) => set({ ignore_outliers })}>
            Ignore outliers
          </Switch>
        </>
      )}
      {kind === 'scatter' && <p className="panel-note">A range needs both ends.</p>}
    </div>
  );
}

const NONE: readonly string[] = [];

function XAxisRow({
  chart,
  runs,
  set,
}: Pick<ChartSettingsProps, 'chart' | 'runs'> & { set: (change: Partial<DashboardChart>) => void }): ReactNode {
  const names = useMetrics(runs, '').names?.names ?? NONE;
  const x = xAxisOf(chart.x);
  const metric = axisMetric(x);
  const metrics = metric !== null && !names.includes(metric) ? [metric, ...names] : names;
  const options = [
    ...X_AXES.map(({ value, label }) => ({ value: value as string, label })),
    ...metrics.map((name) => ({ value: `${METRIC_AXIS}${name}`, label: `Metric: ${name}` })),
  ];
  return (
    <label className="panel-row">
      <span>X axis</span>
      <Choice label="X axis" value={x} options={options} onChange={(x) => set({ x, x_range: [null, null] })} />
    </label>
  );
}
