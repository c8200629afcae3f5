/** Splits series into charts, colors and strokes. Pure: the same result and fields always give the same groups. */
import type { NonEmpty } from '../text/lists';
import { shortKey, type Item, type Series } from '../data/result';
import { fieldOf, fieldText, type Field } from './fields';
import { groupValue, withCommon, type GroupValue } from './groupNames';
import { compareNames, compareValues } from '../text/order';
import { runName } from '../text/runName';
import type { RunNames } from './names';

export interface Group<T extends Item = Series> {
  /** Stable across refetches and orders: it consists of the field ids and values. */
  readonly key: string;
  readonly values: readonly GroupValue[];
  readonly items: NonEmpty<T>;
}

/** Metrics are in the order of the query. */
export type MetricOrder = (name: string) => number;

function compareGroups(a: Group<Item>, b: Group<Item>, fields: readonly Field[], order: MetricOrder): number {
  const [[left], [right]] = [a.items, b.items];
  for (const field of fields) {
    const difference = compareField(field, left, right, order);
    if (difference) return difference;
  }
  return 0;
}

function compareField(field: Field, a: Item, b: Item, order: MetricOrder): number {
  if (field.id === 'run.hash') return a.run.created_at - b.run.created_at || compareValues(a.run.id, b.run.id);
  if (field.id === 'metric.name')
    return order(a.name ?? '') - order(b.name ?? '') || compareNames(a.name ?? '', b.name ?? '');
  return compareValues(field.of(a), field.of(b));
}

/** Values as one text; equal values give equal texts. */
export const tupleOf = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');

export const groupKey = (ids: readonly string[], tuple: string): string => shortKey(`${ids.join('\n')}\n\n${tuple}`);

/** Each distinct tuple of the fields' values is a group; without fields there is one. */
export function groupBy<T extends Item>(
  items: readonly T[],
  ids: readonly string[],
  order: MetricOrder = () => 0,
  names: RunNames = runName,
): Group<T>[] {
  const fields = ids.map(fieldOf);
  const groups = new Map<string, Group<T> & { readonly items: [T, ...T[]] }>();
  for (const item of items) {
    const tuple = tupleOf(fields.map((field) => field.of(item)));
    const known = groups.get(tuple);
    if (known) known.items.push(item);
    else
      groups.set(tuple, {
        key: groupKey(ids, tuple),
        values: fields.map((field) => groupValue(field, fieldText(field, item, names), fieldText(field, item))),
        items: [item],
      });
  }
  return withCommon([...groups.values()].sort((a, b) => compareGroups(a, b, fields, order)));
}

export interface LineGroups<T extends Item = Series> {
  readonly charts: readonly Group<T>[];
  readonly colors: readonly Group<T>[];
  readonly strokes: readonly Group<T>[];
  /** By the key of an item. */
  readonly colorOf: ReadonlyMap<string, number>;
  readonly strokeOf: ReadonlyMap<string, number>;
}

function indexOf(groups: readonly Group<Item>[]): Map<string, number> {
  const index = new Map<string, number>();
  groups.forEach((group, at) => group.items.forEach(({ key }) => index.set(key, at)));
  return index;
}

export interface GroupFields {
  color: readonly string[];
  stroke: readonly string[];
  chart: readonly string[];
}

export function group<T extends Item>(
  items: readonly T[],
  by: GroupFields,
  order?: MetricOrder,
  names?: RunNames,
): LineGroups<T> {
  const along = (ids: readonly string[]): Group<T>[] => groupBy(items, ids, order, names);
  const [charts, colors, strokes] = [along(by.chart), along(by.color), along(by.stroke)];
  return { charts, colors, strokes, colorOf: indexOf(colors), strokeOf: indexOf(strokes) };
}
