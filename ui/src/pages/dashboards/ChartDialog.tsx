/** Adds a chart to a dashboard, or changes what one shows. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import { METRIC_AXIS } from '../../data/axis';
import { Choice } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { Dialog, Labeled } from '../../parts/Dialog';
import { useAsked } from '../../parts/useAsked';
import { ApiError } from '../../data/error';
import type { DashboardChart } from '../../wire';
import { isMedia, KINDS, lacking, MEDIA, newChart, titleOf, type ChartKind } from './board';
import { VALUES } from './ChartSettings';
import { NamePicker } from './NamePicker';

interface ChartDialogProps {
  /** Null for a new one. */
  chart: DashboardChart | null;
  start: DashboardChart;
  /** Of params. */
  paths: readonly string[];
  /** Ids of the shown runs. */
  runs: readonly string[];
  onChart: (chart: DashboardChart) => void;
  onClose: () => void;
}

const METRICS = 20;

export function ChartDialog({ chart: before, start, paths, runs, onChart, onClose }: ChartDialogProps): ReactNode {
  const { ask } = useApi();
  const [chart, setChart] = useState(before ?? start);
  const { kind } = chart;
  const set = (change: Partial<DashboardChart>): void => setChart((old) => ({ ...old, ...change }));
  const save = async (): Promise<void> => {
    const { where } = chart;
    if (where.trim()) {
      const { error } = await ask.check(`* if ${where}`);
      if (error) throw new ApiError(error, 400);
    }
    onChart({ ...chart, title: chart.title.trim(), where: where.trim() });
  };
  const asks = kind === 'line' || kind === 'bar' || kind === 'number';
  return (
    <Dialog
      title={before ? 'Edit the chart' : 'Add a chart'}
      action={before ? 'Apply' : 'Add'}
      disabled={lacking(chart) !== null}
      onSave={save}
      onClose={onClose}
    >
      {before === null && (
        <KindChoice kind={kind} onKind={(next) => setChart({ ...newChart(next), title: chart.title })} />
      )}
      {asks && (
        <NamePicker
          label={kind === 'number' ? 'Metric' : 'Metrics'}
          chosen={chart.metrics}
          most={kind === 'number' ? 1 : METRICS}
          onChange={(metrics) => set({ metrics })}
        />
      )}
      {(kind === 'scatter' || kind === 'parallel') && (
        <NamePicker
          label={kind === 'scatter' ? 'Axes: x, then y' : 'Axes'}
          chosen={chart.axes}
          most={kind === 'scatter' ? 2 : METRICS}
          others={paths}
          prefix={METRIC_AXIS}
          onChange={(axes) => set({ axes })}
        />
      )}
      {isMedia(kind) && <MediaFields chart={chart} runs={runs} set={set} />}
      {kind !== 'line' && !isMedia(kind) && (
        <Labeled label="Value of a metric">
          <Choice label="Value of a metric" value={chart.value} options={VALUES} onChange={(value) => set({ value })} />
        </Labeled>
      )}
      <Labeled label="Title">
        <input
          className="field"
          value={chart.title}
          maxLength={200}
          placeholder={titleOf({ ...chart, title: '' })}
          onChange={(event) => set({ title: event.target.value })}
        />
      </Labeled>
      {!isMedia(kind) && (
        <Labeled label="Only where" hint='A condition in AimQL, such as context.subset == "val"'>
          <input
            className="field mono"
            value={chart.where}
            maxLength={5000}
            spellCheck={false}
            onChange={(event) => set({ where: event.target.value })}
          />
        </Labeled>
      )}
    </Dialog>
  );
}

function KindChoice({ kind, onKind }: { kind: ChartKind; onKind: (kind: ChartKind) => void }): ReactNode {
  return (
    <fieldset className="board-kinds">
      <legend className="hidden-text">Kind of chart</legend>
      {KINDS.map(({ value, label, icon }) => (
        <label key={value} className={value === kind ? 'chosen' : ''}>
          <input type="radio" name="kind" checked={value === kind} onChange={() => onKind(value)} />
          <Icon name={icon} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Of how many runs the names of media are suggested. */
const LOOKED_AT = 5;

function MediaFields({
  chart: { kind, metrics, text },
  runs,
  set,
}: {
  chart: DashboardChart;
  runs: readonly string[];
  set: (change: Partial<DashboardChart>) => void;
}): ReactNode {
  const { ask } = useApi();
  const some = runs.slice(0, LOOKED_AT);
  const asked = useAsked(`media of ${some.join()}`, async (signal) =>
    (await Promise.all(some.map((run) => ask.objects(run, signal)))).flatMap(({ series }) => series),
  );
  const names = [...new Set((asked.data ?? []).filter((series) => series.kind === kind).map(({ name }) => name))];
  const noun = kind === 'text' ? 'tracked texts' : isMedia(kind) ? MEDIA[kind] : kind;
  return (
    <>
      {kind === 'text' && (
        <Labeled label="Text" hint="In Markdown. It is shown unless tracked texts are chosen.">
          <textarea
            className="field area"
            value={text}
            maxLength={10_000}
            onChange={(event) => set({ text: event.target.value })}
          />
        </Labeled>
      )}
      <Labeled
        label={`Name of the ${noun}`}
        hint={names.length > 0 ? undefined : `The first shown runs have no ${noun}.`}
      >
        <input
          className="field"
          list="board-media-names"
          value={metrics[0] ?? ''}
          maxLength={1000}
          onChange={(event) => set({ metrics: event.target.value === '' ? [] : [event.target.value] })}
        />
        <datalist id="board-media-names">
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </Labeled>
    </>
  );
}
