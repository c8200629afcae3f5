/** The columns of the table as the server names them: fields of runs, paths of params, metrics. */
import type { Grouping, Numbers, OrderKey, PageFrame } from '../../wire';
import type { RunTraits } from '../../explorer/columns';
import type { SortKey } from '../../explorer/view/view';
import { BESIDE, measuredOf, PARAM } from './columnIds';
import { measuredAs, sortedMetrics, type Measured } from './measured';
import { readBeside, type Beside, type Reducers } from './reducers';

/** Every param and metric that the runs of a condition have. */
export interface ColumnSet {
  readonly paths: ReadonlyMap<string, readonly string[]>;
  readonly measured: readonly Measured[];
  /** The number of series. */
  readonly series: number;
  readonly traits: RunTraits;
  /** The number of runs with damaged files. */
  readonly damaged: number;
}

export function columnSetOf(head: PageFrame): ColumnSet {
  const { params, metrics, described, tagged, unnamed, mixed, damaged } = head;
  const differing = new Set(params.filter(({ differing }) => differing).map(({ path }) => path.join('.')));
  return {
    paths: new Map(params.map(({ path }) => [path.join('.'), path])),
    measured: sortedMetrics(metrics.map(({ name, context }) => measuredAs(name, context))),
    series: metrics.reduce((sum, { runs }) => sum + runs, 0),
    traits: { differing, described, tagged, unnamed, mixed },
    damaged,
  };
}

type Key = Partial<OrderKey>;

const FIELDS = new Map([
  ['run.name', 'run.name or run.hash'],
  ['experiment', 'run.experiment'],
  ['run.status', 'run.status'],
  ['created', 'run.created_at'],
  ['duration', 'run.duration'],
  ['run.tags', 'run.tags'],
  ['run.started_by', 'run.started_by'],
  ['run.edited_by', 'run.edited_by'],
  ['description', 'run.description'],
  ['hash', 'run.hash'],
]);

/** Null if the runs have no such column. */
export function keyOf(id: string, { paths, measured }: ColumnSet): Key | null {
  const field = FIELDS.get(id);
  if (field !== undefined) return { column: field };
  if (id.startsWith(PARAM)) {
    const path = paths.get(id.slice(PARAM.length));
    return path ? { param: [...path] } : null;
  }
  const plain = measuredOf({ id });
  const metric = plain && measured.find(({ id }) => id === plain.metric);
  if (plain && metric) return { metric: metric.name, context: metric.context, reducer: plain.value };
  const [beside] = id.startsWith(BESIDE) ? readBeside(id.slice(BESIDE.length)) : [];
  return beside ? besideKeyOf(beside, measured) : null;
}

function besideKeyOf(beside: Beside, measured: readonly Measured[]): Key | null {
  const [shown, by] = [beside.metric, beside.by].map((id) => measured.find((metric) => metric.id === id));
  if (!shown || !by) return null;
  const { name: metric, context } = shown;
  return { metric, context, reducer: `at_${beside.side}`, by: by.name, by_context: by.context };
}

export const orderOf = (sort: readonly SortKey[], columns: ColumnSet): Key[] =>
  sort.flatMap(({ column, descending }) => {
    const key = keyOf(column, columns);
    return key ? [{ ...key, descending }] : [];
  });

export interface GroupBy {
  /** Ids of fields. */
  readonly fields: readonly string[];
  /** Group by all params in which the runs differ, except those. */
  readonly but: boolean;
  readonly fold: Grouping['fold'];
}

const GROUP_FIELDS = new Map([
  ['run.hash', 'run.id'],
  ['run.name', 'run.name'],
  ['experiment', 'run.experiment'],
  ['run.status', 'run.status'],
  ['run.tags', 'run.tags'],
]);

export function groupingOf({ fields, but, fold }: GroupBy, { paths }: ColumnSet): Partial<Grouping> {
  const keys = fields.map((id): Key => {
    const field = GROUP_FIELDS.get(id);
    const path = id.startsWith(PARAM) ? id.slice(PARAM.length) : id;
    return field === undefined ? { param: [...(paths.get(path) ?? [path])] } : { column: field };
  });
  return { by: keys, but, fold };
}

/** The numbers of metrics that the table shows. */
export function numbersOf({ values, own, besides }: Reducers, { measured }: ColumnSet): Partial<Numbers> {
  const byId = new Map(measured.map((metric) => [metric.id, metric]));
  return {
    values: [...values],
    own: [...own].flatMap(([id, mine]) => {
      const metric = byId.get(id);
      return metric ? [{ metric: metric.name, context: metric.context, values: [...mine] }] : [];
    }),
    besides: besides.flatMap((beside) => (besideKeyOf(beside, measured) ?? []) as OrderKey[]),
  };
}
