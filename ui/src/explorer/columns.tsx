/** The columns of the table: what each shows, sorts by, and is found by. */
import type { ReactNode } from 'react';
import { formatValue } from '../charts';
import { textOf, type Result, type Run, type Series } from '../data/result';
import { contextKeys, fieldOf } from './fields';
import { runName } from '../text/runName';
import { Icon } from '../parts/design/Icon';
import { dateText, durationText, exactDateText, plural } from '../text/format';
import { MEANING, Status } from '../parts/Status';

export interface Column {
  readonly id: string;
  readonly label: string;
  readonly width: number;
  readonly end?: boolean;
  /** All texts are plain numbers: a word with other letters is in none of them. */
  readonly numbers?: boolean;
  readonly value: (series: Series) => unknown;
  readonly text: (series: Series) => string;
  /** One number for those of a group. */
  readonly fold?: (values: readonly number[]) => number;
  readonly format?: (value: number) => string;
  /** Shows the value at the pointer's x while there is one. */
  readonly atPointer?: boolean;
  readonly cell?: (series: Series) => ReactNode;
  /** The color that a value stands on. */
  readonly shade?: (value: unknown) => string | undefined;
  readonly title?: (series: Series) => string;
}

const lostPoints = (run: Run): string =>
  `${plural(run.dropped, 'point')} could not be written and ${run.dropped === 1 ? 'is' : 'are'} lost.`;

/** The status of a run, with a mark where points were lost. */
export function RunStatus({ run }: { run: Run }): ReactNode {
  return (
    <Status status={run.status}>
      {run.dropped > 0 && (
        <span className="dropped" role="img" aria-label={lostPoints(run)}>
          <Icon name="alert" size={12} />
        </span>
      )}
    </Status>
  );
}

function statusTitle(run: Run): string {
  const seen = run.status === 'lost' ? `Last seen ${dateText(run.seen_at)}.` : '';
  return [MEANING[run.status], seen, run.error, run.dropped > 0 ? lostPoints(run) : ''].filter(Boolean).join(' ');
}

export const RUN_COLUMN: Column = {
  id: 'run.name',
  label: 'Run',
  width: 168,
  value: (series) => runName(series.run),
  text: (series) => `${runName(series.run)} ${series.run.hash}`,
  cell: ({ run }) => (
    <>
      <bdi className={run.name ? '' : 'mono'}>{runName(run)}</bdi>
      {run.archived && <span className="tag">archived</span>}
    </>
  ),
  title: (series) =>
    `${series.run.name ? `${series.run.name} · ` : ''}${series.run.hash}${series.run.archived ? ' · archived' : ''}`,
};

type Fold = NonNullable<Column['fold']>;
const mean: Fold = (values) => {
  const finite = values.filter(Number.isFinite);
  return finite.length ? finite.reduce((sum, value) => sum + value, 0) / finite.length : NaN;
};
const least: Fold = (values) =>
  values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least), NaN);
const most: Fold = (values) => values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most), NaN);

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

const FIXED: readonly Column[] = [
  {
    id: 'experiment',
    label: 'Experiment',
    width: 116,
    value: (series) => series.run.experiment,
    text: (series) => series.run.experiment,
  },
  {
    id: 'run.status',
    label: 'Status',
    width: 96,
    value: (series) => series.run.status,
    text: (series) => series.run.status,
    cell: (series) => <RunStatus run={series.run} />,
    title: (series) => statusTitle(series.run),
  },
  { id: 'metric.name', label: 'Metric', width: 116, value: (series) => series.name, text: (series) => series.name },
  {
    id: 'context',
    label: 'Context',
    width: 124,
    value: (series) => series.contextText,
    text: (series) => series.contextText,
  },
  { ...number('last', 'Last', (series) => series.last, mean), atPointer: true },
  number('min', 'Min', (series) => series.min, least),
  number('max', 'Max', (series) => series.max, most),
  number('step', 'Step', (series) => series.lastStep, most),
  {
    id: 'created',
    label: 'Created',
    width: 132,
    value: (series) => series.run.created_at,
    text: (series) => dateText(series.run.created_at),
    title: (series) => exactDateText(series.run.created_at),
  },
  {
    id: 'duration',
    label: 'Duration',
    width: 104,
    end: true,
    value: (series) => series.run.duration,
    text: (series) => durationText(series.run.duration),
    fold: mean,
    format: durationText,
  },
  {
    id: 'run.tags',
    label: 'Tags',
    width: 110,
    value: (series) => series.run.tags.join(', ') || undefined,
    text: (series) => series.run.tags.join(', '),
    cell: (series) =>
      series.run.tags.map((tag) => (
        <bdi key={tag} className="tag">
          {tag}
        </bdi>
      )),
  },
];

const HASH: Column = {
  id: 'hash',
  label: 'Hash',
  width: 110,
  value: (series) => series.run.hash,
  text: (series) => series.run.hash,
};

const DESCRIPTION: Column = {
  id: 'description',
  label: 'Description',
  width: 180,
  value: (series) => series.run.description ?? undefined,
  text: (series) => series.run.description ?? '',
};

const SAMPLE = 40;
const clamp = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

function paramColumn(path: string, series: readonly Series[]): Column {
  const field = fieldOf(`params.${path}`);
  let longest = path.length + 1;
  let numeric = false;
  for (const one of series.slice(0, SAMPLE)) {
    const value = field.of(one);
    longest = Math.max(longest, textOf(value).length);
    numeric ||= typeof value === 'number';
  }
  const text = (one: Series): string => textOf(field.of(one));
  return { id: field.id, label: path, width: clamp(72, longest * 7.2 + 26, 220), end: numeric, value: field.of, text };
}

/** Every column but the pinned run column. */
export function columnsOf(result: Result): Column[] {
  const rows = result.series;
  const hasContext = contextKeys(result).length > 0;
  const fixed = FIXED.filter((column) => column.id !== 'context' || hasContext);
  const described = result.runs.some((run) => run.description) ? [DESCRIPTION] : [];
  return [...fixed, ...described, ...result.paths.map((path) => paramColumn(path, rows)), HASH];
}

/** The columns in which rows differ; hashes always do, and say nothing. */
export function differing(columns: readonly Column[], rows: readonly Series[]): Column[] {
  if (rows.length < 2) return [...columns];
  return columns.filter((column) => {
    const first = column.text(rows[0]);
    return column !== HASH && rows.some((series) => column.text(series) !== first);
  });
}
