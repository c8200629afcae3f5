/** Lines with the same color, stroke and chart, as one line with an area, one row, and one tooltip. */
import { groupedBy, itemAt, type NonEmpty } from '../text/lists';
import { shortKey, type Item, type Series } from '../data/result';
import { aggregate, type Aggregate, type AggregateOptions, type Points } from '../stats';
import { tailOf } from '../text/apart';
import { groupName, type GroupValue } from './groupNames';
import type { Group, LineGroups } from './grouping';

export interface Bundle<T extends Item = Series> {
  readonly key: string;
  readonly chart: Group<T>;
  readonly color: Group<T>;
  readonly stroke: Group<T>;
  readonly members: NonEmpty<T>;
  readonly values: readonly GroupValue[];
  /** How many of the last characters of its name stay where room is short. */
  readonly tail: number;
}

/** A field of several channels tells groups apart if it does in one of them. */
function valuesIn(groups: readonly Group<Item>[]): GroupValue[] {
  const byName = new Map<string, GroupValue>();
  for (const value of groups.flatMap(({ values }) => values))
    if (byName.get(value.name)?.common !== undefined || !byName.has(value.name)) byName.set(value.name, value);
  return [...byName.values()];
}

type Keyed = Pick<Group, 'key'>;

export const bundleKey = (chart: Keyed, color: Keyed, stroke: Keyed): string =>
  shortKey(`group\n${chart.key}\n${color.key}\n${stroke.key}`);

/** In the order of the charts, then of the colors, then of the strokes. */
export function bundlesOf<T extends Item>({ charts, colors, strokes, colorOf, strokeOf }: LineGroups<T>): Bundle<T>[] {
  const bundles = charts.flatMap((chart) => {
    const cells = new Map<number, [T, ...T[]]>();
    for (const item of chart.items) {
      const cell = (colorOf.get(item.key) ?? 0) * strokes.length + (strokeOf.get(item.key) ?? 0);
      const members = cells.get(cell);
      if (members) members.push(item);
      else cells.set(cell, [item]);
    }
    return [...cells]
      .sort(([a], [b]) => a - b)
      .map(([cell, members]): Bundle<T> => {
        const color = itemAt(colors, Math.floor(cell / strokes.length));
        const stroke = itemAt(strokes, cell % strokes.length);
        const key = bundleKey(chart, color, stroke);
        return { key, chart, color, stroke, members, values: valuesIn([chart, color, stroke]), tail: 0 };
      });
  });
  const tail = tailOf(bundles.map(groupName));
  return bundles.map((bundle) => ({ ...bundle, tail }));
}

/** What a line, a row and a tooltip call a group. */
export const bundleName = (bundle: Pick<Bundle, 'values'>): string => groupName(bundle) || 'All lines';

export function byChartOf(bundles: readonly Bundle[]): ReadonlyMap<string, readonly Bundle[]> {
  return groupedBy(bundles, ({ chart }) => chart.key);
}

interface MadeAggregate {
  readonly of: string;
  readonly points: readonly Float64Array[];
  readonly aggregate: Aggregate;
}

/** Caches aggregates by their points, so that hover and color changes recompute nothing. */
export class Aggregates {
  private readonly made = new Map<string, MadeAggregate>();

  of(key: string, lines: readonly Points[], options: AggregateOptions): Aggregate {
    const of = JSON.stringify([options, lines.map(({ diverged }) => Number(diverged))]);
    const points = lines.flatMap(({ x, y }) => [x, y]);
    const known = this.made.get(key);
    const same = known?.of === of && known.points.length === points.length;
    if (known && same && points.every((array, at) => array === known.points[at])) return known.aggregate;
    const made = aggregate(lines, options);
    this.made.set(key, { of, points, aggregate: made });
    return made;
  }
}
