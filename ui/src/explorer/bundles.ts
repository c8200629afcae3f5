/** Lines that share color, stroke and chart, as one line with an area, one row, and one tooltip. */
import { shortKey, type Series } from '../data/result';
import { aggregate, type Aggregate, type AggregateOptions } from '../stats';
import type { Group, Grouping } from './grouping';

export interface Bundle {
  readonly key: string;
  readonly chart: Group;
  readonly color: Group;
  readonly stroke: Group;
  readonly members: readonly Series[];
  readonly values: Group['values'];
}

function valuesOf(groups: readonly Group[]): Group['values'] {
  const byName = new Map(groups.flatMap(({ values }) => values.map((value) => [value.name, value] as const)));
  return [...byName.values()];
}

/** In the order of the charts, then of the colors, then of the strokes. */
export function bundlesOf({ charts, colors, strokes, colorOf, strokeOf }: Grouping): Bundle[] {
  return charts.flatMap((chart) => {
    const cells = new Map<number, Series[]>();
    for (const series of chart.series) {
      const cell = (colorOf.get(series.key) ?? 0) * strokes.length + (strokeOf.get(series.key) ?? 0);
      const members = cells.get(cell);
      if (members) members.push(series);
      else cells.set(cell, [series]);
    }
    return [...cells]
      .sort(([a], [b]) => a - b)
      .map(([cell, members]): Bundle => {
        const color = colors[Math.floor(cell / strokes.length)];
        const stroke = strokes[cell % strokes.length];
        const key = shortKey(`group\n${chart.key}\n${color.key}\n${stroke.key}`);
        return { key, chart, color, stroke, members, values: valuesOf([chart, color, stroke]) };
      });
  });
}

export function byChartOf(bundles: readonly Bundle[]): ReadonlyMap<string, readonly Bundle[]> {
  const found = new Map<string, Bundle[]>();
  for (const bundle of bundles) {
    const here = found.get(bundle.chart.key);
    if (here) here.push(bundle);
    else found.set(bundle.chart.key, [bundle]);
  }
  return found;
}

export const bundleText = ({ values }: Bundle): string => values.map(({ text }) => text).join(' · ') || 'All lines';

/** The same where no legend stands beside it that says which field each value is of. */
export const bundleNames = ({ values }: Bundle): string =>
  values.map(({ name, text }) => `${name.slice(name.lastIndexOf('.') + 1)} ${text}`).join(' · ');

interface Made {
  readonly of: string;
  readonly points: readonly Float64Array[];
  readonly aggregate: Aggregate;
}

/** Remembers what was made of which points: a hover or a color makes nothing anew. */
export class Aggregates {
  private readonly made = new Map<string, Made>();

  of(bundle: Bundle, lines: readonly Pick<Series, 'x' | 'y'>[], options: AggregateOptions): Aggregate {
    const of = JSON.stringify(options);
    const points = lines.flatMap(({ x, y }) => [x, y]);
    const known = this.made.get(bundle.key);
    const same = known?.of === of && known.points.length === points.length;
    if (known && same && points.every((array, at) => array === known.points[at])) return known.aggregate;
    const made = aggregate(lines, options);
    this.made.set(bundle.key, { of, points, aggregate: made });
    return made;
  }
}
