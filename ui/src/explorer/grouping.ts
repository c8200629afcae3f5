/** Splits series into charts, colors and strokes. Pure: the same result and fields always give the same picture. */
import { shortKey, type Series } from '../data/result';
import { fieldOf, fieldText, type Field } from './fields';
import { compareValues } from '../text/order';

export interface Group {
  /** Stable across refetches and orders: made of the field ids and values alone. */
  readonly key: string;
  readonly values: readonly { readonly name: string; readonly text: string }[];
  readonly series: Series[];
}

/** Metrics stand in the order in which the query names them. */
export type MetricOrder = (name: string) => number;

function compareGroups(a: Group, b: Group, fields: readonly Field[], order: MetricOrder): number {
  const [left, right] = [a.series[0], b.series[0]];
  for (const field of fields) {
    const difference = compareField(field, left, right, order);
    if (difference) return difference;
  }
  return 0;
}

function compareField(field: Field, a: Series, b: Series, order: MetricOrder): number {
  if (field.id === 'run.hash') return a.run.created_at - b.run.created_at || compareValues(a.run.id, b.run.id);
  if (field.id === 'metric.name') return order(a.name) - order(b.name) || compareValues(a.name, b.name);
  return compareValues(field.of(a), field.of(b));
}

/** Each distinct tuple of the fields' values is a group; without fields there is one. */
export function groupBy(series: readonly Series[], ids: readonly string[], order: MetricOrder = () => 0): Group[] {
  const fields = ids.map(fieldOf);
  const groups = new Map<string, Group>();
  for (const one of series) {
    const tuple = fields.map((field) => JSON.stringify(field.of(one))).join('\n');
    let group = groups.get(tuple);
    if (!group) {
      group = {
        key: shortKey(`${ids.join('\n')}\n\n${tuple}`),
        values: fields.map((field) => ({ name: field.label, text: fieldText(field, one) })),
        series: [],
      };
      groups.set(tuple, group);
    }
    group.series.push(one);
  }
  return [...groups.values()].sort((a, b) => compareGroups(a, b, fields, order));
}

/** The values alone, for where the names of the fields stand beside. */
export const valuesText = (group: Group): string => group.values.map((value) => value.text).join(' · ');

export interface Grouping {
  readonly charts: readonly Group[];
  readonly colors: readonly Group[];
  readonly strokes: readonly Group[];
  /** By series key. */
  readonly colorOf: ReadonlyMap<string, number>;
  readonly strokeOf: ReadonlyMap<string, number>;
}

function indexOf(groups: readonly Group[]): Map<string, number> {
  const index = new Map<string, number>();
  groups.forEach((group, at) => group.series.forEach((series) => index.set(series.key, at)));
  return index;
}

export interface GroupFields {
  color: readonly string[];
  stroke: readonly string[];
  chart: readonly string[];
}

export function group(series: readonly Series[], by: GroupFields, order?: MetricOrder): Grouping {
  const [charts, colors, strokes] = [by.chart, by.color, by.stroke].map((ids) => groupBy(series, ids, order));
  return { charts, colors, strokes, colorOf: indexOf(colors), strokeOf: indexOf(strokes) };
}
