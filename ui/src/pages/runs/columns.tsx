/** The columns of runs: what is known of each, its params, and the chosen numbers of its metrics. */
import { formatValue } from '../../charts';
import type { Item } from '../../data/result';
import { runColumns as columnsWith, type Column } from '../../explorer/columns';
import { interquartileMeanOf, meanOf, medianOf, type LineMethod } from '../../stats';
import { besideColumnId, metricColumnId } from './columnIds';
import { besideKey, valuesOf, type Beside, type Reducers } from './reducers';
import type { Measured, Recorded } from './measured';
import type { AtBest, Besides } from './useBesides';

/** One number for the runs of a group; what is not finite is left out. */
const FOLDS: { [M in LineMethod]: (sorted: Float64Array) => number } = {
  mean: meanOf,
  median: medianOf,
  min: (sorted) => sorted[0] ?? NaN,
  max: (sorted) => sorted[sorted.length - 1] ?? NaN,
  iqm: interquartileMeanOf,
};

export const foldBy =
  (method: LineMethod) =>
  (values: readonly number[]): number =>
    FOLDS[method](Float64Array.from(values.filter(Number.isFinite)).sort());

const titleOf = ({ name, contextText }: Measured): string => (contextText ? `${name} (${contextText})` : name);
const textOf = (value: number | undefined): string => (value === undefined ? '' : formatValue(value));

function numberColumn(
  id: string,
  label: string,
  of: (item: Item) => number | undefined,
  fold: LineMethod,
): Column<Item> {
  return {
    id,
    label,
    width: Math.min(260, Math.max(96, label.length * 7 + 26)),
    end: true,
    numbers: true,
    value: of,
    text: (item) => textOf(of(item)),
    title: (item) => `${label}: ${String(of(item) ?? 'not recorded')}`,
    fold: foldBy(fold),
    format: textOf,
  };
}

function besideColumn(
  beside: Beside,
  shown: Measured,
  by: Measured,
  found: ReadonlyMap<string, AtBest> | undefined,
  fold: LineMethod,
): Column<Item> {
  const label = `${titleOf(shown)} at ${beside.side} ${titleOf(by)}`;
  const plain = numberColumn(besideColumnId(beside), label, ({ run }) => found?.get(run.id)?.value, fold);
  const step = ({ run }: Item): string => {
    const there = found?.get(run.id);
    return there ? `${String(there.value)}, at step ${there.step}` : found ? 'not recorded together' : 'loading';
  };
  return { ...plain, title: (item) => `${label}: ${step(item)}` };
}

export interface WantedColumns {
  readonly reducers: Reducers;
  readonly besides: Besides;
  /** How the runs of a group become one number. */
  readonly fold: LineMethod;
}

export function runColumns(recorded: Recorded, { reducers, besides, fold }: WantedColumns): Column<Item>[] {
  const byId = new Map(recorded.measured.map((metric) => [metric.id, metric]));
  const metrics = recorded.measured.flatMap((measured) => {
    const { id } = measured;
    const plain = valuesOf(reducers, id).map((value) =>
      numberColumn(
        metricColumnId(id, value),
        `${titleOf(measured)} ${value}`,
        ({ run }) => recorded.valueAt(run.id, id, value),
        fold,
      ),
    );
    const beside = reducers.besides.flatMap((at) => {
      const by = byId.get(at.by);
      return at.metric === id && by ? [besideColumn(at, measured, by, besides.get(besideKey(at)), fold)] : [];
    });
    return [...plain, ...beside];
  });
  return columnsWith(recorded, metrics);
}
