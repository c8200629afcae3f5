/** The state of the comparison, which is entirely in the address. */
import type { Address } from '../../parts/address';
import { MOST_COMPARED } from '../../data/api';
import type { Goal } from './rows';

export interface CompareState {
  readonly runs: readonly string[];
  readonly baseline: string | null;
  readonly find: string;
  /** Sections whose identical rows are listed too. */
  readonly open: readonly string[];
  readonly directions: ReadonlyMap<string, Goal>;
}

export type ChangeCompare = (change: Partial<CompareState>) => void;

export function readCompare(search: URLSearchParams): CompareState {
  const runs = [...new Set(search.getAll('run').filter(Boolean))];
  const directions = (way: Goal): [string, Goal][] => search.getAll(way).map((name) => [name, way]);
  return {
    runs: runs.slice(0, MOST_COMPARED),
    baseline: search.get('base'),
    find: search.get('find') ?? '',
    open: search.getAll('open'),
    directions: new Map([...directions('min'), ...directions('max')]),
  };
}

export function writeCompare({ runs, baseline, find, open, directions }: CompareState): Address {
  const names = (way: Goal): string[] => [...directions].filter(([, own]) => own === way).map(([name]) => name);
  return { run: runs, base: baseline, find: find || null, open, min: names('min'), max: names('max') };
}
