/** Groups of runs in the order of the server: the shared values, and the positions of their runs. */
import { integers, type Decoded } from '../../data/frames';
import { bundleKey } from '../../explorer/bundles';
import { fieldOf, valueText } from '../../explorer/fields';
import { groupNameWithParams, groupValue, withCommon } from '../../explorer/groupNames';
import { groupKey, tupleOf, type Group } from '../../explorer/grouping';
import { tailOf } from '../../text/apart';
import { itemAt, longestOf } from '../../text/lists';
import type { GroupBy } from './keys';

export interface RunGroup extends Pick<Group, 'key' | 'values'> {
  /** Determines the color if values keep theirs in every query. */
  readonly colorKey: string;
  /** The position among all groups, which determines the color. */
  readonly place: number;
  /** The position of its first run. */
  readonly start: number;
  readonly size: number;
}

export interface Outline {
  readonly groups: readonly RunGroup[];
  /** The number of groups before a text search. */
  readonly total: number;
  /** How many of the last characters of their names stay where room is short. */
  readonly tail: number;
  /** The length of the longest name. */
  readonly longest: number;
}

const NOTHING = { key: groupKey([], tupleOf([])) };

/** With `but`, the answer names the params that the runs are grouped by. */
export function outlineOf(decoded: Decoded, { fields, but }: GroupBy): Outline | null {
  const { frame } = decoded;
  if (frame.kind !== 'groups') return null;
  const ids = but ? frame.paths.map((path) => `params.${path.join('.')}`) : fields;
  const by = ids.map(fieldOf);
  const [sizes, places, codes] = [integers(decoded, 'size'), integers(decoded, 'place'), integers(decoded, 'value')];
  let start = 0;
  const groups = Array.from(sizes, (size, at): RunGroup => {
    const values = ids.map((_, column) => itemAt(frame.values, column)[itemAt(codes, column * sizes.length + at)]);
    const color = { key: groupKey(ids, tupleOf(values)) };
    const texts = by.map((field, column) => groupValue(field, valueText(field, values[column])));
    const group = {
      key: bundleKey(NOTHING, color, NOTHING),
      colorKey: color.key,
      values: [...new Map(texts.map((text) => [text.name, text])).values()],
      place: itemAt(places, at),
      start,
      size,
    };
    start += size;
    return group;
  });
  const named = withCommon(groups);
  const names = named.map(groupNameWithParams);
  return { groups: named, total: frame.groups, tail: tailOf(names), longest: longestOf(names) };
}

/** What a row shows: a group, or one of its runs. */
export interface RowContent {
  readonly at: number;
  readonly group: RunGroup;
  /** The position of the run among all listed runs; null for the group itself. */
  readonly run: number | null;
}

/** The rows of groups; the runs of open groups follow their group. */
export class Layout {
  readonly count: number;
  private readonly firsts: readonly number[];

  constructor(
    readonly groups: readonly RunGroup[],
    open: readonly string[],
  ) {
    const listed = new Set(open);
    let next = 0;
    this.firsts = groups.map(({ key, size }) => {
      const first = next;
      next += 1 + (listed.has(key) ? size : 0);
      return first;
    });
    this.count = next;
  }

  isOpen(at: number): boolean {
    return (this.firsts[at + 1] ?? this.count) - itemAt(this.firsts, at) > 1;
  }

  spot(row: number): RowContent | null {
    if (row < 0 || row >= this.count) return null;
    let [low, high] = [0, this.groups.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (itemAt(this.firsts, middle) <= row) low = middle;
      else high = middle - 1;
    }
    const group = itemAt(this.groups, low);
    const below = row - itemAt(this.firsts, low);
    return { at: low, group, run: below === 0 ? null : group.start + below - 1 };
  }
}
