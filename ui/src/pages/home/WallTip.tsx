/** The values of the lines nearest to the pointer, and how far each is from the baseline. */
import { useSyncExternalStore, type ReactNode } from 'react';
import { dashFor, formatValue, type ValueAt } from '../../charts';
import type { XAxis } from '../../data/axis';
import type { Series } from '../../data/result';
import type { ChartSync, Pointed } from '../../explorer/sync';
import { Swatch } from '../../explorer/Swatch';
import { axisText, TipBox } from '../../explorer/Tooltip';
import { compareValues } from '../../text/order';
import { dasher, shortContext, type RunLook } from './lines';
import type { WallCurves } from './wallCurves';

const LINES = 9;

interface WallTipProps {
  sync: ChartSync;
  seriesOf: (key: string) => Series | undefined;
  /** The dash of a line in the chart under the pointer. */
  dashOf: (series: Series) => number;
  look: RunLook;
  x: XAxis;
}

/** What the values are read from, where each chart has one metric. */
export const tipOf = (curves: Pick<WallCurves, 'byKey' | 'of'>): Pick<WallTipProps, 'seriesOf' | 'dashOf'> => ({
  seriesOf: (key) => curves.byKey.get(key),
  dashOf: (item) => dasher(curves.of(item.name) ?? [])(item),
});

export function WallTip({ sync, seriesOf, ...of }: WallTipProps): ReactNode {
  const pointed = useSyncExternalStore(sync.subscribe, () => sync.pointed);
  const under = pointed && seriesOf(pointed.hover.key);
  if (!pointed || !under) return null;
  return (
    <TipBox at={pointed} place="near" held={false}>
      <PointedValues pointed={pointed} under={under} sync={sync} seriesOf={seriesOf} {...of} />
    </TipBox>
  );
}

function PointedValues({
  pointed,
  under,
  sync,
  seriesOf,
  dashOf,
  look,
  x,
}: WallTipProps & { pointed: Pointed; under: Series }): ReactNode {
  const { hover } = pointed;
  const all = (sync.chart?.valuesAt(hover.x) ?? []).sort((a, b) => compareValues(a.shown, b.shown, true));
  const base = all.find(({ key }) => isBaseline(seriesOf(key), under, look.baseline));
  const lines = nearest(all, hover.key).flatMap((value) => {
    const series = seriesOf(value.key);
    return series ? [{ value, series }] : [];
  });
  return (
    <>
      <p className="wall-tip-head">
        <bdi>{under.name}</bdi>
        <span>{placeText(x, hover.x, hover.step)}</span>
      </p>
      <table className="wall-tip">
        <tbody>
          {lines.map(({ value, series }) => (
            <tr key={value.key} className={value.key === hover.key ? 'lit' : ''}>
              <td>
                <Swatch color={look.colorOf(series.run)} dash={dashFor(dashOf(series))} />
              </td>
              <th scope="row">
                <bdi>{look.nameOf(series.run)}</bdi>
                {series.name !== under.name && (
                  <span className="tooltip-context">
                    <bdi>{series.name}</bdi>
                  </span>
                )}
                {series.contextText && (
                  <span className="tooltip-context">
                    <bdi>{shortContext(series.contextText)}</bdi>
                  </span>
                )}
              </th>
              <td className="number">{formatValue(value.shown)}</td>
              {base && (
                <td className="number wall-delta">
                  {value.key === base.key ? 'baseline' : signed(value.shown - base.shown)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > lines.length && <p className="quiet">and {all.length - lines.length} more lines</p>}
    </>
  );
}

const isBaseline = (series: Series | undefined, under: Series, baseline: string | null): boolean =>
  series !== undefined &&
  series.run.id === baseline &&
  series.name === under.name &&
  series.contextText === under.contextText;

const signed = (value: number): string => `${value > 0 ? '+' : ''}${formatValue(value, 3)}`;

/** The values around the one under the pointer. */
function nearest(all: readonly ValueAt[], key: string): readonly ValueAt[] {
  const at = all.findIndex((value) => value.key === key);
  const from = Math.max(0, Math.min(at - Math.floor(LINES / 2), all.length - LINES));
  return all.slice(from, from + LINES);
}

function placeText(x: XAxis, value: number, step: number): string {
  if (x === 'step') return `step ${step}`;
  return `${x === 'epoch' ? 'epoch ' : ''}${axisText(x, value)}, step ${step}`;
}
