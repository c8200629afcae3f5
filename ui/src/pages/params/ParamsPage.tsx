/** Runs as lines across their params and metric values; brushes on the axes filter lines and table. */
import { itemAt } from '../../text/lists';
import { useCallback, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { ParallelCoordinates, spansDecades, type Brushes } from '../../charts';
import { Button, Choice } from '../../parts/design/controls';
import { switched } from '../../explorer/channels';
import { chartTheme } from '../../explorer/chartTheme';
import { runName } from '../../text/runName';
import { Notice } from '../../parts/states';
import { adjust, useAddress } from '../../parts/address';
import { PlotAxesButton } from '../plots/AxesButton';
import { axisOf, brushTexts, keptRows, readBrushes } from '../plots/axes';
import type { PlotDrawing } from '../plots/PlotCard';
import { ControlGroup } from '../../explorer/ControlLine';
import { RunPlots } from '../plots/RunPlots';
import { usePlots } from '../plots/usePlots';
import { RunCondition, type RunPageProps } from '../runs/RunCondition';

/** The gradient follows the last axis, or none. */
const LAST = '';
const OFF = 'none';

export default function ParamsPage(): ReactNode {
  return <RunCondition title="Params">{(props) => <ParamsContent {...props} />}</RunCondition>;
}

const NO_AXIS = (
  <Notice icon="axis" title="No axes to show">
    <p>These runs do not differ in their params and have no metric in common. Choose axes above.</p>
  </Notice>
);

function ParamsContent(props: RunPageProps): ReactNode {
  const { view, change } = props;
  const plots = usePlots(props);
  const { result, theme, style, possible, standard } = plots;
  const address = useAddress();
  const named = address.getAll('axis').join('\n');
  const keys = useMemo(() => (named ? named.split('\n') : standard), [named, standard]);
  const columns = useMemo(() => keys.flatMap((key) => possible.filter(({ id }) => id === key)), [keys, possible]);
  const axes = useMemo(() => columns.map((column) => axisOf(column, result)), [columns, result]);
  const brushed = address.getAll('brush').join('\n');
  const brushes = useMemo(() => readBrushes(brushed.split('\n')), [brushed]);
  const chosenLogs = address.has('log') ? address.getAll('log') : null;
  const logs = (chosenLogs ?? axes.filter(spansDecades).map(({ key }) => key)).filter(Boolean).join('\n');
  const latest = useRef(logs);
  useEffect(() => {
    latest.current = logs;
  });
  const along = address.get('along') ?? LAST;
  const grouped = style.fields.color.length > 0;
  const gradient = grouped || along === OFF ? null : along === LAST ? (keys[keys.length - 1] ?? null) : along;
  const kept = useMemo(() => {
    const rows = keptRows(axes, brushes, logs.split('\n'), result.items.length);
    return rows.length === result.items.length ? result.items : rows.map((row) => itemAt(result.items, row));
  }, [axes, brushes, logs, result]);

  const { marker, shown } = style;
  const setData = useMemo<PlotDrawing<ParallelCoordinates>['setData']>(
    () => (chart, group) => {
      const mine = new Set(group.items);
      const rows = result.items.map((series) => ({
        key: series.key,
        label: runName(series.run),
        hidden: !mine.has(series) || !shown.has(series.key),
        ...marker(series),
      }));
      chart.setData({ rows, columns: axes });
    },
    [result, axes, marker, shown],
  );
  const setOptions = useMemo<PlotDrawing<ParallelCoordinates>['setOptions']>(
    () => (chart) =>
      chart.setOptions({
        theme: chartTheme(theme),
        order: keys,
        scales: Object.fromEntries(logs.split('\n').map((key) => [key, 'log' as const])),
        colorBy: gradient,
        curved: view.curve,
        brushes,
      }),
    [theme, keys, logs, gradient, view.curve, brushes],
  );
  const make = useCallback(
    (host: HTMLElement) => makeChart(host, () => latest.current.split('\n').filter(Boolean)),
    [],
  );
  const drawing = useMemo(() => ({ make, setData, setOptions }), [make, setData, setOptions]);
  return (
    <RunPlots
      {...props}
      plots={plots}
      drawing={drawing}
      wide
      empty={axes.length === 0 ? NO_AXIS : null}
      axes={columns}
      kept={kept}
      none="No runs match the brushed ranges."
      title={['Params', view.q].filter(Boolean).join(' if ')}
    >
      <PlotAxesButton
        columns={possible}
        chosen={keys}
        standard={standard}
        onChange={(next) => adjust({ axis: next.length ? next : null, brush: null })}
      />
      {!grouped && (
        <ControlGroup on="middle">
          <Choice
            label="Color by"
            value={along}
            options={[
              { value: LAST, label: 'Gradient: last axis' },
              ...columns.map(({ id, label }) => ({ value: id, label: `Gradient: ${label}` })),
              { value: OFF, label: 'One color' },
            ]}
            onChange={(next) => adjust({ along: next || null })}
          />
        </ControlGroup>
      )}
      <ControlGroup on="wide">
        <Button
          icon="wave"
          active={view.curve}
          aria-pressed={view.curve}
          onClick={() => change({ curve: !view.curve })}
        >
          Curves
        </Button>
      </ControlGroup>
      {Object.keys(brushes).length > 0 && (
        <Button icon="reset" onClick={() => adjust({ brush: null })}>
          Clear brushes
        </Button>
      )}
      <span className="count plots-hint">
        Drag along an axis to filter. Click its name for a log scale, drag the name to move it.
      </span>
    </RunPlots>
  );
}

/** `logs`: the axes that are logarithmic now. A link says so explicitly where there are none. */
function makeChart(host: HTMLElement, logs: () => readonly string[]): ParallelCoordinates {
  const chart = new ParallelCoordinates(host);
  chart.on.brush(({ brushes }) => onBrush(brushes));
  chart.on.order((order) => adjust({ axis: order }, { replace: true }));
  chart.on.axis((key) => {
    const next = switched(logs(), key, !logs().includes(key));
    adjust({ log: next.length > 0 ? next : [''] });
  });
  return chart;
}

const onBrush = (brushes: Brushes): void => adjust({ brush: brushTexts(brushes) });
