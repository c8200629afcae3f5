/** The columns of the table: how each shows, sorts and searches its values. */
import type { ReactNode } from 'react';
import { formatValue } from '../charts';
import { textOf, type Item, type Result, type Run, type Series } from '../data/result';
import { varyingParams } from './channels';
import { contextKeys, fieldOf, MISSING } from './fields';
import { givenName, type RunNames } from './names';
import { bestValue, guessed, type DirectionOf } from '../text/direction';
import { valuesAlone } from '../text/apart';
import { runName, shortHash } from '../text/runName';
import { Icon } from '../parts/design/Icon';
import { dateText, durationText, exactDateText, plural } from '../text/format';
import { Middle } from '../parts/Middle';
import { DIVERGED, MEANING, Status } from '../parts/Status';
import { TagChip } from '../parts/TagChip';

export interface Column<T extends Item = Series> {
  readonly id: string;
  readonly label: string;
  readonly width: number;
  readonly end?: boolean;
  /** All texts are plain numbers; a word with other letters matches none of them. */
  readonly numbers?: boolean;
  readonly value: (item: T) => unknown;
  readonly text: (item: T) => string;
  /** Reduces the values of a group to one number. */
  readonly fold?: (values: readonly number[]) => number;
  /** What is reduced, if it is not the value of an item. */
  readonly folded?: (item: T) => unknown;
  readonly format?: (value: number) => string;
  /** The best values are the high ones. */
  readonly bestHigh?: boolean;
  /** Shows the value at the pointer's x while there is one. */
  readonly atPointer?: boolean;
  readonly cell?: (item: T) => ReactNode;
  /** The background color of a value. */
  readonly shade?: (value: unknown) => string | undefined;
  readonly title?: (item: T) => string;
}

const clamp = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

/** What is missing of a run, a sentence for each kind of loss. */
const losses = ({ dropped, damaged }: Run): readonly string[] => [
  ...(dropped > 0
    ? [`${plural(dropped, 'point')} could not be written and ${dropped === 1 ? 'is' : 'are'} lost.`]
    : []),
  ...(damaged > 0 ? [`${plural(damaged, 'damaged place')} in its files, whose content cannot be read.`] : []),
];

/** The status of a run, with a mark if something of it is lost. */
export function RunStatus({ run }: { run: Run }): ReactNode {
  const lost = losses(run).join(' ');
  return (
    <Status status={run.status} diverged={run.diverged}>
      {lost && (
        <span className="dropped" role="img" aria-label={lost}>
          <Icon name="alert" size={12} />
        </span>
      )}
    </Status>
  );
}

function statusTitle(run: Run): string {
  const seen = run.status === 'lost' ? `Last seen ${dateText(run.seen_at)}.` : '';
  const diverged = run.diverged && DIVERGED;
  return [MEANING[run.status], diverged, seen, run.error, ...losses(run)].filter(Boolean).join(' ');
}

/** About the width of a character in a table, and what is beside the text. */
const CHARACTER = 7.2;
const PADDING = 26;

/** The names of runs, told apart where `names` knows all of them. */
export function runColumn(names: RunNames = runName): Column<Item> {
  const called = ({ run }: Item): string => givenName(run) || names(run);
  return {
    id: 'run.name',
    label: 'Run',
    width: clamp(168, (names.longest ?? 0) * CHARACTER + PADDING, 300),
    value: called,
    text: (item) => `${called(item)} ${item.run.hash}`,
    cell: ({ run }) => (
      <>
        <Middle
          className={names(run) === shortHash(run.id) ? 'mono' : ''}
          text={names(run)}
          tail={names.tail}
          narrow={names.settings ? valuesAlone(names(run)) : undefined}
        />
        {run.archived && <span className="tag">archived</span>}
      </>
    ),
    title: (item) =>
      [...new Set([called(item), item.run.hash]), ...(item.run.archived ? ['archived'] : [])].join(' · '),
  };
}

export const RUN_COLUMN = runColumn();

type Fold = NonNullable<Column['fold']>;
const mean: Fold = (values) => {
  const finite = values.filter(Number.isFinite);
  return finite.length ? finite.reduce((sum, value) => sum + value, 0) / finite.length : NaN;
};
const minOf: Fold = (values) => values.reduce((min, value) => (value < min || Number.isNaN(min) ? value : min), NaN);
const maxOf: Fold = (values) => values.reduce((max, value) => (value > max || Number.isNaN(max) ? value : max), NaN);

/** The standard deviation of a sample. */
const std: Fold = (values) => {
  const finite = values.filter(Number.isFinite);
  const center = mean(finite);
  const squares = finite.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return finite.length > 1 ? Math.sqrt(squares / (finite.length - 1)) : NaN;
};

const number = (id: string, label: string, of: (series: Series) => number, fold: Fold): Column => ({
  id,
  label,
  width: 92,
  end: true,
  numbers: true,
  value: of,
  text: (series) => formatValue(of(series)),
  title: (series) => String(of(series)),
  fold,
  format: formatValue,
});

const EXPERIMENT: Column<Item> = {
  id: 'experiment',
  label: 'Experiment',
  width: 116,
  value: ({ run }) => run.experiment,
  text: ({ run }) => run.experiment,
};

const statusColumn = (items: readonly Item[]): Column<Item> => ({
  id: 'run.status',
  label: 'Status',
  width: items.some(({ run }) => run.diverged) ? 152 : 96,
  value: ({ run }) => run.status,
  text: ({ run }) => (run.diverged ? `${run.status} diverged` : run.status),
  cell: ({ run }) => <RunStatus run={run} />,
  title: ({ run }) => statusTitle(run),
});

const CONTEXT: Column = {
  id: 'context',
  label: 'Context',
  width: 124,
  value: (series) => series.contextText,
  text: (series) => series.contextText,
};

const OF_SERIES: readonly Column[] = [
  { id: 'metric.name', label: 'Metric', width: 116, value: (series) => series.name, text: (series) => series.name },
  CONTEXT,
  { ...number('last', 'Last', (series) => series.last, mean), width: 108, atPointer: true },
  number('min', 'Min', (series) => series.min, minOf),
  number('max', 'Max', (series) => series.max, maxOf),
  number('step', 'Step', (series) => series.lastStep, maxOf),
];

const TIMES: readonly Column<Item>[] = [
  {
    id: 'created',
    label: 'Created',
    width: 192,
    value: ({ run }) => run.created_at,
    text: ({ run }) => dateText(run.created_at),
    title: ({ run }) => exactDateText(run.created_at),
  },
  {
    id: 'duration',
    label: 'Duration',
    width: 104,
    end: true,
    value: ({ run }) => run.duration,
    text: ({ run }) => durationText(run.duration),
    fold: mean,
    format: durationText,
  },
];

const TAGS: Column<Item> = {
  id: 'run.tags',
  label: 'Tags',
  width: 110,
  value: ({ run }) => run.tags.join(', ') || undefined,
  text: ({ run }) => run.tags.join(', '),
  cell: ({ run }) => run.tags.map((tag) => <TagChip key={tag} name={tag} />),
};

function textColumn(id: string, label: string, width: number, of: (item: Item) => string | null): Column<Item> {
  return { id, label, width, value: (item) => of(item) ?? undefined, text: (item) => of(item) ?? '' };
}

const HASH = textColumn('hash', 'Hash', 110, ({ run }) => run.hash);
const DESCRIPTION = textColumn('description', 'Description', 180, ({ run }) => run.description);

const SAMPLE = 40;
function paramColumn(path: string, items: readonly Item[]): Column<Item> {
  const field = fieldOf(`params.${path}`);
  let longest = path.length + 1;
  let numeric = false;
  for (const item of items.slice(0, SAMPLE)) {
    const value = field.of(item);
    longest = Math.max(longest, textOf(value).length);
    numeric ||= typeof value === 'number';
  }
  const text = (item: Item): string => textOf(field.of(item));
  return {
    id: field.id,
    label: path,
    width: clamp(72, longest * CHARACTER + PADDING, 220),
    end: numeric,
    value: field.of,
    text,
  };
}

const STARTED_BY = textColumn('run.started_by', 'Started by', 104, ({ run }) => run.started_by);
const EDITED_BY = textColumn('run.edited_by', 'Edited by', 104, ({ run }) => run.edited_by);

const withUsers = (items: readonly Item[]): readonly Column<Item>[] =>
  [STARTED_BY, EDITED_BY].filter(({ value }) => items.some((item) => value(item) !== undefined));

type ParamSource = Pick<Result<Item>, 'paths' | 'items'>;

/** How far the last values of a group are apart. A single line has no deviation. */
const STD: Column = {
  ...number('last.std', 'Std of last', () => NaN, std),
  value: () => undefined,
  text: () => MISSING,
  title: () => 'A single line has no deviation.',
  folded: ({ last }) => last,
};

/** A column of numbers that say how many members of a group diverged. */
const WITH_DIVERGED = 212;

/** What decides which columns some runs have, and in which order. */
export interface RunTraits {
  /** The params in which the runs differ. */
  readonly differing: ReadonlySet<string>;
  /** Whether they belong to several experiments. */
  readonly mixed: boolean;
  /** Whether a run has a description, has tags, has no name. */
  readonly described: boolean;
  readonly tagged: boolean;
  readonly unnamed: boolean;
}

export const traitsOf = ({ runs, paths }: Pick<Result<Item>, 'runs' | 'paths'>): RunTraits => ({
  differing: new Set(varyingParams({ runs, paths })),
  mixed: runs.some(({ experiment }) => experiment !== runs[0]?.experiment),
  described: runs.some(({ description }) => description),
  tagged: runs.some(({ tags }) => tags.length > 0),
  unnamed: runs.some(({ name, hash }) => !name && shortHash(hash) !== hash),
});

/** The min or max, as is better for the metric. A line that diverged counts in the mean of a group as its end does. */
function bestColumn(directionOf: DirectionOf): Column {
  const of = (series: Series): number => bestValue(series[directionOf(series.name)]);
  const way = ({ name }: Series): string => (directionOf(name) === 'min' ? 'lowest' : 'highest');
  return {
    ...number('best', 'Best', of, mean),
    title: (series) => `${of(series)}, the ${way(series)} value`,
    folded: (series) => (Number.isFinite(series.last) ? of(series) : series.last),
  };
}

/** Every column of series except the pinned run column. */
export function seriesColumns(result: Result, grouped = false, directionOf: DirectionOf = guessed): Column[] {
  const known = contextKeys(result).length > 0 ? OF_SERIES : OF_SERIES.filter((column) => column !== CONTEXT);
  const room = grouped && result.items.some(({ last }) => !Number.isFinite(last)) ? { width: WITH_DIVERGED } : {};
  const bestHigh = result.items.length > 0 && result.items.every(({ name }) => directionOf(name) === 'max');
  const best = { ...bestColumn(directionOf), bestHigh };
  const own = known.flatMap((column) => {
    if (column.id !== 'last') return [column];
    const last = { ...column, bestHigh };
    return grouped ? [last, best, STD].map((own) => ({ ...own, ...room })) : [last, best];
  });
  return differingFirst(result, traitsOf(result), own);
}

/** More params would push the numbers out of sight. */
const FIRST_PARAMS = 6;

/** Every column but the pinned run column: what differs, then these numbers, then the rest, with `more` numbers. */
export function differingFirst<T extends Item>(
  { paths, items }: ParamSource,
  traits: RunTraits,
  numbers: readonly Column<T>[],
  more: readonly Column<T>[] = [],
): Column<T>[] {
  const { differing, mixed, described, tagged, unnamed } = traits;
  const params = (some: readonly string[]): Column<T>[] => some.map((path) => paramColumn(path, items));
  const varying = paths.filter((path) => differing.has(path));
  return [
    ...params(varying.slice(0, FIRST_PARAMS)),
    ...numbers,
    statusColumn(items),
    ...(mixed ? [EXPERIMENT] : []),
    ...TIMES,
    ...(tagged ? [TAGS] : []),
    ...(mixed ? [] : [EXPERIMENT]),
    ...withUsers(items),
    ...(described ? [DESCRIPTION] : []),
    ...more,
    ...params(varying.slice(FIRST_PARAMS)),
    ...params(paths.filter((path) => !differing.has(path))),
    ...(unnamed ? [HASH] : []),
  ];
}

/** The columns in which rows differ; hashes always do, and say nothing. */
export function differing<T extends Item>(columns: readonly Column<T>[], [first, ...rest]: readonly T[]): Column<T>[] {
  if (first === undefined || rest.length === 0) return [...columns];
  return columns.filter((column) => {
    const text = column.text(first);
    return column.id !== HASH.id && rest.some((item) => column.text(item) !== text);
  });
}
