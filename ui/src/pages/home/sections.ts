/** The charts of the wall in sections by the part of their name before the first slash, and where each of them is. */
import { findWords, hasWords } from '../../text/find';
import { compareNames } from '../../text/order';
import { groupedBy } from '../../text/lists';
import { isSystem, withoutSystem } from '../../text/system';

export interface Section {
  readonly key: string;
  readonly title: string;
  /** Names of metrics. */
  readonly names: readonly string[];
}

export const SYSTEM = 'system';
/** No name has this before its first slash. */
export const PINNED = '/pinned';

export function sectionOf(name: string): string {
  return isSystem(name) ? SYSTEM : name.slice(0, Math.max(0, name.indexOf('/')));
}

/** The name within its section. */
export function shortName(name: string): string {
  const within = isSystem(name) ? withoutSystem(name) : name.replace(/^[^/]*\//, '');
  return within || name;
}

const RANKS: ReadonlyMap<string, number> = new Map([
  [PINNED, 0],
  ['', 1],
  [SYSTEM, 3],
]);
const rank = (key: string): number => RANKS.get(key) ?? 2;
const TITLES: ReadonlyMap<string, string> = new Map([
  [PINNED, 'Pinned'],
  ['', 'Metrics'],
]);

/** Pinned metrics first, then names without a section, those of system metrics last. */
export function sectionsOf(names: readonly string[], find: string, pins: readonly string[]): readonly Section[] {
  const words = findWords(find);
  const matching = names.filter((name) => hasWords(name, words));
  const pinned = new Set(pins);
  return [...groupedBy(matching, (name) => (pinned.has(name) ? PINNED : sectionOf(name)))]
    .sort(([a], [b]) => rank(a) - rank(b) || compareNames(a, b))
    .map(([key, own]) => ({ key, title: TITLES.get(key) ?? key, names: own.sort(compareNames) }));
}

/** Pixels. */
export const HEAD = 38;
export const CHART = 212;
export const GAP = 10;
const END = 14;

export interface Placed {
  readonly section: Section;
  readonly folded: boolean;
  readonly top: number;
  readonly height: number;
}

export interface WallLayout {
  readonly placed: readonly Placed[];
  readonly columns: number;
  readonly height: number;
}

const NARROWEST = 290;

export const columnsIn = (width: number): number => Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));

export function layoutOf(
  sections: readonly Section[],
  isFolded: (key: string) => boolean,
  columns: number,
): WallLayout {
  let top = 0;
  const placed = sections.map((section): Placed => {
    const folded = isFolded(section.key);
    const rows = folded ? 0 : Math.ceil(section.names.length / columns);
    const height = HEAD + (rows > 0 ? rows * (CHART + GAP) - GAP + END : 0);
    top += height;
    return { section, folded, top: top - height, height };
  });
  return { placed, columns, height: top };
}

export interface Visible extends Placed {
  /** The row of charts that comes first. */
  readonly row: number;
  readonly names: readonly string[];
}

/** The parts of the sections between two heights, whole rows of charts. */
export function visibleIn({ placed, columns }: WallLayout, top: number, bottom: number): readonly Visible[] {
  return placed
    .filter((one) => one.top + one.height > top && one.top < bottom)
    .map((one) => {
      const rowAt = (height: number): number => (height - one.top - HEAD) / (CHART + GAP);
      const row = Math.max(0, Math.floor(rowAt(top)));
      const end = one.folded ? row : Math.max(row, Math.ceil(rowAt(bottom)));
      return { ...one, row, names: one.section.names.slice(row * columns, end * columns) };
    });
}
