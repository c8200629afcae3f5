/** The columns of runs: what is known of each, its params, and the chosen numbers of its metrics. */
import { formatValue } from '../../charts';
import type { Item } from '../../data/result';
import { differingFirst, type Column } from '../../explorer/columns';
import { bestValue, isTelling, type DirectionOf } from '../../text/direction';
import { isSystem } from '../../text/system';
import { interquartileMeanOf, meanOf, medianOf, type LineMethod } from '../../stats';
import { besideColumnId, metricColumnId } from './columnIds';
import { besideKey, valuesOf, type Beside, type ReducerName, type Reducers } from './reducers';
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
  said = label,
): Column<Item> {
  return {
    id,
    label,
    width: Math.min(260, Math.max(96, label.length * 7 + 26)),
    end: true,
    numbers: true,
    value: of,
    text: (item) => textOf(of(item)),
    title: (item) => `${said}: ${String(of(item) ?? 'not recorded')}`,
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
  readonly directionOf: DirectionOf;
}

function metricColumn(recorded: Recorded, measured: Measured, value: ReducerName, wanted: WantedColumns): Column<Item> {
  const { id, name } = measured;
  const label = `${titleOf(measured)} ${value}`;
  const direction = wanted.directionOf(name);
  const of = ({ run }: Item): number | undefined => {
    if (value !== 'best') return recorded.valueAt(run.id, id, value);
    const extreme = recorded.valueAt(run.id, id, direction);
    return extreme === undefined ? undefined : bestValue(extreme);
  };
  const said = value === 'best' ? `${label} (${direction === 'min' ? 'lowest' : 'highest'})` : label;
  const bestHigh = direction === 'max' && (value === 'best' || value === 'last');
  return { ...numberColumn(metricColumnId(id, value), label, of, wanted.fold, said), bestHigh };
}

/** With more metrics, only some of them come before the time of a run. */
const FEW = 6;

/** The metrics that say how well a run does, or simply the first ones. */
function leading(measured: readonly Measured[]): ReadonlySet<Measured> {
  const own = measured.filter(({ name }) => !isSystem(name));
  if (own.length <= FEW) return new Set(own);
  const telling = own.filter(({ name }) => isTelling(name));
  return new Set((telling.length > 0 ? telling : own).slice(0, FEW));
}

export function runColumns(recorded: Recorded, wanted: WantedColumns): Column<Item>[] {
  const { reducers, besides, fold } = wanted;
  const byId = new Map(recorded.measured.map((metric) => [metric.id, metric]));
  const first = leading(recorded.measured);
  const metrics = (some: readonly Measured[]): Column<Item>[] =>
    some.flatMap((measured) => {
      const { id } = measured;
      const beside = reducers.besides.flatMap((at) => {
        const by = byId.get(at.by);
        return at.metric === id && by ? [besideColumn(at, measured, by, besides.get(besideKey(at)), fold)] : [];
      });
      return [...valuesOf(reducers, id).map((value) => metricColumn(recorded, measured, value, wanted)), ...beside];
    });
  return differingFirst(
    recorded.result,
    recorded.traits,
    metrics([...first]),
    metrics(recorded.measured.filter((measured) => !first.has(measured))),
  );
}
