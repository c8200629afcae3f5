/** The state of the comparison, which is entirely in the address. */
import type { RunDetail } from '../../wire';
import type { Address } from '../../parts/address';
import { MOST_COMPARED } from '../../data/api';
import type { Direction } from '../../text/direction';

export interface CompareState {
  readonly runs: readonly string[];
  readonly baseline: string | null;
  readonly find: string;
  /** Sections whose identical rows are listed too. */
  readonly open: readonly string[];
  /** Directions for this comparison alone. */
  readonly directions: ReadonlyMap<string, Direction>;
  /** Whether curves show the difference to the baseline. */
  readonly difference: boolean;
}

/** The place of the baseline: the first run, where none was chosen. */
export const baselineAt = (details: readonly RunDetail[], { baseline }: CompareState): number =>
  Math.max(
    0,
    details.findIndex(({ run }) => run.id === baseline),
  );

export type ChangeCompare = (change: Partial<CompareState>) => void;

export function readCompare(search: URLSearchParams): CompareState {
  const runs = [...new Set(search.getAll('run').filter(Boolean))];
  const directions = (way: Direction): [string, Direction][] => search.getAll(way).map((name) => [name, way]);
  return {
    runs: runs.slice(0, MOST_COMPARED),
    baseline: search.get('base'),
    find: search.get('find') ?? '',
    open: search.getAll('open'),
    directions: new Map([...directions('min'), ...directions('max')]),
    difference: search.get('curves') === 'difference',
  };
}

export function writeCompare({ runs, baseline, find, open, directions, difference }: CompareState): Address {
  const names = (way: Direction): string[] => [...directions].filter(([, own]) => own === way).map(([name]) => name);
  const ways = { min: names('min'), max: names('max') };
  return { run: runs, base: baseline, find: find || null, open, ...ways, curves: difference ? 'difference' : null };
}
