/** A field is one property of a series. Grouping, columns, tooltips and search use the same fields. */
import { paramOf, textOf, type Item, type Result, type Run } from '../data/result';
import { runName } from '../text/runName';
import { givenName } from './names';
import { compareNames } from '../text/order';

/** The text of a value that an item does not have. */
export const MISSING = '–';

export type FieldKind = 'metric' | 'media' | 'context' | 'run' | 'param';
export interface Field {
  /** In AimQL spelling: `metric.name`, `context.subset`, `run.hash`, `params.hparams.lr`. */
  readonly id: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly of: (item: Item) => unknown;
}

export const KIND_TITLES: { [K in FieldKind]: string } = {
  metric: 'Metric',
  media: 'Media',
  context: 'Context',
  run: 'Run',
  param: 'Params',
};

/** Stands for the keywords of contexts that tell the series of a run apart. */
export const ANY_CONTEXT = 'context';

const FIXED: readonly Field[] = [
  { id: 'metric.name', label: 'Metric', kind: 'metric', of: (item) => item.name },
  { id: 'media.name', label: 'Name', kind: 'media', of: (item) => item.name },
  { id: 'media.step', label: 'Step', kind: 'media', of: (item) => item.step },
  { id: 'media.index', label: 'Index', kind: 'media', of: (item) => item.index },
  { id: ANY_CONTEXT, label: 'Context', kind: 'context', of: (item) => item.contextText || undefined },
  { id: 'run.hash', label: 'Run', kind: 'run', of: (item) => item.run.id },
  { id: 'run.name', label: 'Run name', kind: 'run', of: ({ run }) => givenName(run) || undefined },
  { id: 'experiment', label: 'Experiment', kind: 'run', of: (item) => item.run.experiment },
  { id: 'run.status', label: 'Status', kind: 'run', of: (item) => item.run.status },
  {
    id: 'run.tags',
    label: 'Tags',
    kind: 'run',
    of: ({ run }) => (run.tags.length ? run.tags : undefined),
  },
];

const PARAM = 'params.';
const CONTEXT = 'context.';

/** A field by its id. A shared link may name a field that this result lacks; then no series has a value. */
export function fieldOf(id: string): Field {
  const fixed = FIXED.find((field) => field.id === id);
  if (fixed) return fixed;
  if (id.startsWith(CONTEXT)) {
    const key = id.slice(CONTEXT.length);
    return { id, label: key, kind: 'context', of: (item) => item.context?.[key] };
  }
  const path = id.startsWith(PARAM) ? id.slice(PARAM.length) : id;
  return { id, label: path, kind: 'param', of: ({ run }) => paramOf(run, path) };
}

export function contextKeys({ items }: Pick<Result<Item>, 'items'>): string[] {
  const keys = new Set<string>();
  const seen = new Set<unknown>();
  for (const { context } of items) {
    if (!context || seen.has(context)) continue;
    seen.add(context);
    for (const key of Object.keys(context)) keys.add(key);
  }
  return [...keys].sort(compareNames);
}

/** Rows that are runs have neither a metric nor a step, and media have no metric. */
function kindsOf(items: readonly Item[]): ReadonlySet<FieldKind> {
  const media = items.some(({ step }) => step !== undefined);
  const named = items.some(({ name }) => name !== undefined);
  const own: readonly FieldKind[] = media ? ['media', 'context'] : named ? ['metric', 'context'] : [];
  return new Set(['run', 'param', ...own]);
}

export function fieldsOf(result: Pick<Result<Item>, 'items' | 'paths'>): Field[] {
  const kinds = kindsOf(result.items);
  return [
    ...FIXED.filter(({ kind }) => kinds.has(kind)),
    ...contextKeys(result).map((key) => fieldOf(CONTEXT + key)),
    ...result.paths.map((path) => fieldOf(PARAM + path)),
  ];
}

/** The text of a field's value; a run is shown by its name. */
export function fieldText(field: Field, item: Item, nameOf: (run: Run) => string = runName): string {
  return field.id === 'run.hash' ? nameOf(item.run) : valueText(field, field.of(item));
}

export function valueText(field: Field, value: unknown): string {
  if (field.id === 'run.tags' && Array.isArray(value)) return value.join(', ');
  return value === undefined ? MISSING : textOf(value);
}
