/** Lines with the same color, stroke and chart, as one line with an area, one row, and one tooltip. */
import { groupedBy, itemAt, type NonEmpty } from '../text/lists';
import { shortKey, type Item, type Series } from '../data/result';
import { aggregate, type Aggregate, type AggregateOptions } from '../stats';
import { MISSING } from './fields';
import type { Group, LineGroups } from './grouping';

/** `common`: it tells no groups apart. */
type BundleValue = Group['values'][number] & { readonly common?: boolean };

export interface Bundle<T extends Item = Series> {
  readonly key: string;
  readonly chart: Group<T>;
  readonly color: Group<T>;
  readonly stroke: Group<T>;
  readonly members: NonEmpty<T>;
  readonly values: readonly BundleValue[];
}

function valuesIn(groups: readonly Group<Item>[]): Group['values'] {
  const byName = new Map(groups.flatMap(({ values }) => values.map((value) => [value.name, value] as const)));
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
        return { key, chart, color, stroke, members, values: valuesIn([chart, color, stroke]) };
      });
  });
  return withCommon(bundles);
}

/** Marks the values that all groups share, and those of their colors that follow from another one. */
function withCommon<T extends Item>(bundles: readonly Bundle<T>[]): Bundle<T>[] {
  const [first] = bundles;
  if (!first || bundles.length === 1) return [...bundles];
  const colored = new Set(first.color.values.map(({ name }) => name));
  const kept: (readonly string[])[] = [];
  const common = first.values.map(({ name }, at) => {
    const texts = bundles.map(({ values }) => values[at]?.text ?? '');
    if (new Set(texts).size === 1) return true;
    if (!colored.has(name)) return false;
    if (kept.some((other) => follows(texts, other))) return true;
    kept.push(texts);
    return false;
  });
  const marked = (value: BundleValue, at: number): BundleValue => (common[at] ? { ...value, common: true } : value);
  return bundles.map((bundle) => ({ ...bundle, values: bundle.values.map(marked) }));
}

/** Whether groups that are alike in the other value are alike in this one. */
function follows(texts: readonly string[], other: readonly string[]): boolean {
  const of = new Map(other.map((text, at) => [text, texts[at]]));
  return other.every((text, at) => of.get(text) === texts[at]);
}

export function byChartOf(bundles: readonly Bundle[]): ReadonlyMap<string, readonly Bundle[]> {
  return groupedBy(bundles, ({ chart }) => chart.key);
}

/** Without those that its lines do not have or that tell no groups apart, unless none is left. */
function told(values: Bundle['values']): Bundle['values'] {
  const there = values.filter(({ text, common }) => text !== MISSING && !common);
  return there.length > 0 ? there : values;
}

export const bundleText = ({ values }: Pick<Bundle, 'values'>): string =>
  told(values)
    .map(({ text }) => text)
    .join(' · ') || 'All lines';

/** The same without a legend that names the field of each value. */
export const bundleNames = ({ values }: Pick<Bundle, 'values'>): string =>
  told(values)
    .map(({ name, text }) => `${name.slice(name.lastIndexOf('.') + 1)} ${text}`)
    .join(' · ');

interface MadeAggregate {
  readonly of: string;
  readonly points: readonly Float64Array[];
  readonly aggregate: Aggregate;
}

/** Caches aggregates by their points, so that hover and color changes recompute nothing. */
export class Aggregates {
  private readonly made = new Map<string, MadeAggregate>();

  of(key: string, lines: readonly Pick<Series, 'x' | 'y'>[], options: AggregateOptions): Aggregate {
    const of = JSON.stringify(options);
    const points = lines.flatMap(({ x, y }) => [x, y]);
    const known = this.made.get(key);
    const same = known?.of === of && known.points.length === points.length;
    if (known && same && points.every((array, at) => array === known.points[at])) return known.aggregate;
    const made = aggregate(lines, options);
    this.made.set(key, { of, points, aggregate: made });
    return made;
  }
}
