/** Lists that hold something, and places of a list that are known to be in it. */

export type NonEmpty<T> = readonly [T, ...T[]];

export const isNonEmpty = <T>(items: readonly T[]): items is NonEmpty<T> => items.length > 0;

/** The item at a place that must exist. */
export function itemAt<T>(items: ArrayLike<T>, at: number): T {
  if (!(at >= 0 && at < items.length)) throw new RangeError(`There is no item ${at} in a list of ${items.length}.`);
  return items[at] as T;
}

/** In the order of their first items. */
export function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

export function inParts<T>(items: readonly T[], length: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += length) parts.push(items.slice(at, at + length));
  return parts;
}

/** The length of the longest text. */
export const longestOf = (texts: readonly string[]): number =>
  texts.reduce((most, { length }) => Math.max(most, length), 0);
