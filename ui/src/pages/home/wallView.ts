/**
 * What the home page shows, as its address holds it: which runs, which charts, and the enlarged one. None of the names
 * is one of an explorer's view, which an enlarged chart adds to the address.
 */
import { X_AXES, type XAxis } from '../../data/axis';
import type { Address } from '../../parts/address';

export interface WallView {
  /** A condition on the listed runs. */
  readonly runs: string;
  readonly experiment: string | null;
  /** A text that listed runs show. */
  readonly text: string;
  /** How many of the newest listed runs are drawn. */
  readonly newest: number;
  /** Ids of runs that are drawn too, and of those that are not drawn. */
  readonly add: readonly string[];
  readonly hide: readonly string[];
  readonly baseline: string | null;
  /** Words in the names of the charts. */
  readonly charts: string;
  readonly axis: XAxis;
  readonly smoothing: number;
  /** The enlarged chart of the wall, and the place of that of a dashboard, from 1 on. */
  readonly metric: string | null;
  readonly enlarged: number | null;
}

/** The most runs in one chart. */
export const MOST = 200;
export const NEWEST = [20, 50, 100, MOST] as const;

const ID = /^[0-9a-f]{32}$/;
const idsIn = (text: string | null): readonly string[] =>
  (text ?? '')
    .split('.')
    .filter((id) => ID.test(id))
    .slice(0, MOST);

/** The runs of a page whose address says nothing about them. */
export interface StandardRuns {
  readonly runs: string;
  /** null: as many as the page shows of an experiment or of all. */
  readonly newest: number | null;
}

const ANY: StandardRuns = { runs: '', newest: null };

export function readWall(search: string, standard: StandardRuns = ANY): WallView {
  const given = new URLSearchParams(search);
  const experiment = given.get('experiment');
  const newest = Number(given.get('newest'));
  const smoothing = Number(given.get('smoothing'));
  const enlarged = Number(given.get('enlarged'));
  return {
    runs: given.get('runs') ?? standard.runs,
    experiment,
    text: given.get('text') ?? '',
    newest: NEWEST.find((count) => count === newest) ?? standard.newest ?? standardNewest(experiment),
    add: idsIn(given.get('add')),
    hide: idsIn(given.get('hide')),
    baseline: idsIn(given.get('baseline'))[0] ?? null,
    charts: given.get('charts') ?? '',
    axis: X_AXES.find(({ value }) => value === given.get('axis'))?.value ?? 'step',
    smoothing: smoothing >= 0 && smoothing <= 0.99 ? smoothing : 0,
    metric: given.get('metric'),
    enlarged: Number.isInteger(enlarged) && enlarged > 0 ? enlarged : null,
  };
}

/** The newest runs, or all of one experiment. */
const standardNewest = (experiment: string | null): number => (experiment === null ? NEWEST[0] : MOST);

/** The parameters of a change; what is as usual is left out. */
export function written(change: Partial<WallView>, experiment: string | null, standard: StandardRuns = ANY): Address {
  const texts = Object.entries(change).map(([name, value]): [string, string | null] => {
    const text = Array.isArray(value) ? value.join('.') : String(value ?? '');
    return [name, text === usual(name, experiment, standard) || (text === '' && name !== 'runs') ? null : text];
  });
  return Object.fromEntries(texts);
}

function usual(name: string, experiment: string | null, standard: StandardRuns): string {
  if (name === 'newest') return String(standard.newest ?? standardNewest(experiment));
  if (name === 'runs') return standard.runs;
  return { axis: 'step', smoothing: '0' }[name] ?? '';
}
