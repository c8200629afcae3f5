/** The values of the lines nearest to the pointer, and how far each is from the baseline. */
import { useSyncExternalStore, type ReactNode } from 'react';
import { dashFor, formatValue, type ValueAt } from '../../charts';
import type { XAxis } from '../../data/axis';
import type { Series } from '../../data/result';
import type { ChartSync, Pointed } from '../../explorer/sync';
import { Swatch } from '../../explorer/Swatch';
import { axisText, TipBox } from '../../explorer/Tooltip';
import { compareValues } from '../../text/order';
import type { WallCurves } from './wallCurves';
import { dashesOf, shortContext, type RunLook } from './lines';

const LINES = 9;

interface WallTipProps {
  sync: ChartSync;
  curves: Pick<WallCurves, 'byKey' | 'of'>;
  look: RunLook;
  x: XAxis;
}

export function WallTip({ sync, curves, look, x }: WallTipProps): ReactNode {
  const pointed = useSyncExternalStore(sync.subscribe, () => sync.pointed);
  const under = pointed && curves.byKey.get(pointed.hover.key);
  if (!pointed || !under) return null;
  return (
    <TipBox at={pointed} place="near" held={false}>
      <PointedValues pointed={pointed} under={under} sync={sync} curves={curves} look={look} x={x} />
    </TipBox>
  );
}

function PointedValues({
  pointed,
  under,
  sync,
  curves,
  look,
  x,
}: WallTipProps & { pointed: Pointed; under: Series }): ReactNode {
  const { hover } = pointed;
  const chart = [...sync.charts].find(([, name]) => name === under.name)?.[0];
  const all = (chart?.valuesAt(hover.x) ?? []).sort((a, b) => compareValues(a.shown, b.shown, true));
  const dashes = dashesOf(curves.of(under.name) ?? []);
  const base = all.find(({ key }) => isBaseline(curves.byKey.get(key), under, look.baseline));
  const lines = nearest(all, hover.key).flatMap((value) => {
    const series = curves.byKey.get(value.key);
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
                <Swatch color={look.colorOf(series.run)} dash={dashFor(dashes.get(series.contextText) ?? 0)} />
              </td>
              <th scope="row">
                <bdi>{look.nameOf(series.run)}</bdi>
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
  series !== undefined && series.run.id === baseline && series.contextText === under.contextText;

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
